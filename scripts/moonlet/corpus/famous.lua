-- famous.lua: what many people know by its name, as it is said aloud: lists of people, companies
-- and things, and those of works.lua, from general knowledge. famous.NAME is a list.

local list = require("moonlet.corpus.words").list

local famous = {
  people = list [[barack obama, donald trump, hillary clinton, angela merkel, vladimir putin,
    emmanuel macron, theresa may, justin trudeau, narendra modi, nelson mandela, winston
    churchill, abraham lincoln, george washington, john f kennedy, martin luther king, mahatma
    gandhi, queen elizabeth, queen victoria, princess diana, prince william, prince harry, kate
    middleton, pope francis, mother teresa, julius caesar, cleopatra, napoleon, alexander the
    great, christopher columbus, marco polo, albert einstein, isaac newton, marie curie, charles
    darwin, stephen hawking, galileo, nikola tesla, thomas edison, alan turing, ada lovelace,
    leonardo da vinci, michelangelo, pablo picasso, vincent van gogh, claude monet, frida kahlo,
    salvador dali, andy warhol, william shakespeare, jane austen, charles dickens, mark twain,
    ernest hemingway, leo tolstoy, agatha christie, stephen king, j k rowling, tom hanks, brad
    pitt, angelina jolie, jennifer aniston, jennifer lawrence, leonardo dicaprio, robert de niro,
    al pacino, meryl streep, julia roberts, sandra bullock, george clooney, matt damon, ben
    affleck, johnny depp, keanu reeves, tom cruise, will smith, morgan freeman, denzel washington,
    samuel l jackson, harrison ford, clint eastwood, marilyn monroe, audrey hepburn, charlie
    chaplin, scarlett johansson, natalie portman, emma watson, emma stone, ryan gosling, ryan
    reynolds, chris evans, hugh jackman, nicole kidman, cate blanchett, anne hathaway, halle
    berry, oprah winfrey, ellen degeneres, kim kardashian, kanye west, george lucas, steven
    spielberg, quentin tarantino, alfred hitchcock, walt disney, bill gates, steve jobs, elon
    musk, mark zuckerberg, jeff bezos, warren buffett, richard branson, michael jordan, lebron
    james, kobe bryant, serena williams, roger federer, rafael nadal, usain bolt, michael phelps,
    muhammad ali, mike tyson, tiger woods, tom brady, lionel messi, cristiano ronaldo, david
    beckham, pele, diego maradona, babe ruth, sachin tendulkar, virat kohli, shah rukh khan,
    priyanka chopra, amitabh bachchan, gordon ramsay, jamie oliver, neil armstrong, amelia
    earhart, sherlock holmes, robin hood, joe biden, kamala harris, bill clinton, george bush,
    ronald reagan, jimmy carter, richard nixon, franklin roosevelt, thomas jefferson, benjamin
    franklin, alexander hamilton, bernie sanders, elizabeth warren, mitt romney, john mccain,
    sarah palin, nancy pelosi, paul ryan, boris johnson, tony blair, margaret thatcher, david
    cameron, jeremy corbyn, nicola sturgeon, xi jinping, kim jong un, shinzo abe, indira gandhi,
    imran khan, malala yousafzai, dalai lama, pope john paul, joan of arc, henry the eighth, king
    arthur, genghis khan, che guevara, fidel castro, joseph stalin, adolf hitler, anne frank, rosa
    parks, malcolm x, harriet tubman, frederick douglass, susan b anthony, helen keller, florence
    nightingale, sigmund freud, karl marx, socrates, plato, aristotle, archimedes, copernicus,
    louis pasteur, alexander graham bell, the wright brothers, henry ford, carl sagan, neil
    degrasse tyson, jane goodall, buzz aldrin, yuri gagarin, sally ride, rembrandt, raphael,
    caravaggio, jackson pollock, banksy, frank lloyd wright, homer, dante, virginia woolf, oscar
    wilde, james joyce, george orwell, edgar allan poe, robert frost, maya angelou, dr seuss, sean
    connery, daniel craig, pierce brosnan, roger moore, anthony hopkins, jack nicholson, dustin
    hoffman, kevin spacey, kevin bacon, kevin costner, mel gibson, bruce willis, arnold
    schwarzenegger, sylvester stallone, jackie chan, bruce lee, jet li, nicolas cage, john
    travolta, robin williams, jim carrey, eddie murphy, adam sandler, ben stiller, will ferrell,
    steve carell, bill murray, steve martin, christian bale, heath ledger, russell crowe, hugh
    grant, colin firth, benedict cumberbatch, daniel radcliffe, emma thompson, judi dench, helen
    mirren, maggie smith, kate winslet, keira knightley, gwyneth paltrow, reese witherspoon,
    cameron diaz, drew barrymore, demi moore, sharon stone, jodie foster, susan sarandon,
    sigourney weaver, uma thurman, charlize theron, penelope cruz, salma hayek, sofia vergara,
    jessica alba, megan fox, mila kunis, ashton kutcher, zac efron, channing tatum, mark wahlberg,
    matthew mcconaughey, woody harrelson, jeff bridges, bryan cranston, peter dinklage, emilia
    clarke, kit harington, marlon brando, james dean, humphrey bogart, cary grant, grace kelly,
    elizabeth taylor, judy garland, fred astaire, gene kelly, bette davis, john wayne, paul
    newman, robert redford, martin scorsese, francis ford coppola, stanley kubrick, tim burton,
    peter jackson, james cameron, ridley scott, christopher nolan, spike lee, woody allen, ron
    howard, jimmy fallon, jimmy kimmel, stephen colbert, conan o'brien, david letterman, jay leno,
    jon stewart, john oliver, trevor noah, howard stern, rush limbaugh, sean hannity, anderson
    cooper, dr phil, martha stewart, paris hilton, kylie jenner, caitlyn jenner, tyra banks, heidi
    klum, gisele bundchen, peyton manning, aaron rodgers, joe montana, john elway, drew brees, cam
    newton, stephen curry, kevin durant, james harden, russell westbrook, magic johnson, larry
    bird, shaquille o'neal, charles barkley, wayne gretzky, sidney crosby, derek jeter, barry
    bonds, mickey mantle, willie mays, jackie robinson, lou gehrig, alex rodriguez, venus
    williams, maria sharapova, andy murray, novak djokovic, pete sampras, andre agassi, steffi
    graf, phil mickelson, jack nicklaus, rory mcilroy, lewis hamilton, michael schumacher, lance
    armstrong, conor mcgregor, floyd mayweather, ronda rousey, john cena, the rock, hulk hogan,
    neymar, wayne rooney, zinedine zidane, ronaldinho, simone biles, katie ledecky, lindsey vonn,
    tonya harding, ms dhoni, salman khan, aamir khan, deepika padukone, aishwarya rai,
    rajinikanth, hrithik roshan]],
  press = list [[new york times, washington post, wall street journal, los angeles times, chicago
    tribune, boston globe, usa today, the guardian, the times, the telegraph, daily mail, the
    independent, financial times, the economist, time magazine, newsweek, national geographic,
    huffington post, buzzfeed, politico, the onion, vice, reuters, associated press, bloomberg,
    cnn, fox news, nbc news, abc news, cbs news, msnbc, npr, bbc, bbc news, sky news, al jazeera,
    espn, cnbc, pbs, times of india, the hindu, hindustan times, ndtv, the irish times, the sydney
    morning herald, the toronto star, le monde, der spiegel, el pais, google news, yahoo news,
    msn, reddit, drudge report, the verge, wired, techcrunch, the atlantic, the new yorker,
    rolling stone, vogue, miami herald, denver post, houston chronicle, san francisco chronicle,
    seattle times, the scotsman, the sun, the mirror, daily express, the new york post, new york
    daily news, chicago sun times, the dallas morning news, the philadelphia inquirer, the arizona
    republic, the star tribune, the plain dealer, the oregonian, san jose mercury news, the
    baltimore sun, the detroit free press, the tampa bay times, the orlando sentinel, las vegas
    review journal, the salt lake tribune, newsday, the hill, roll call, the daily beast, salon,
    slate, vox, axios, the intercept, mother jones, the nation, national review, the weekly
    standard, breitbart, infowars, the blaze, the daily caller, business insider, forbes, fortune,
    money magazine, barron's, marketwatch, the street, the motley fool, engadget, gizmodo,
    mashable, ars technica, c net, zdnet, hacker news, slashdot, scientific american, popular
    science, popular mechanics, nature, new scientist, discover magazine, people magazine, us
    weekly, t m z, e news, entertainment weekly, variety, the hollywood reporter, billboard,
    pitchfork, sports illustrated, bleacher report, sky sports, bbc sport, bbc world news, bbc
    radio, i t v news, channel four news, euronews, france twenty four, deutsche welle, russia
    today, xinhua, china daily, the japan times, the korea herald, the straits times, the bangkok
    post, the jakarta post, the times of israel, haaretz, the jerusalem post, dawn, the indian
    express, the economic times, the telegraph india, india today, the globe and mail, c b c news,
    the australian, the age, a b c radio, the new zealand herald, the metro, the evening standard,
    the observer, the star, private eye, the irish independent, le figaro, die zeit, la
    repubblica, corriere della sera, c span, univision, telemundo, the weather channel, weather
    underground, the young turks, democracy now, pro publica, flipboard, apple news, bing news,
    feedly]],
  trains = list [[eurostar, amtrak, acela express, orient express, flying scotsman,
    california zephyr, coast starlight, empire builder, bullet train, metro north,
    heathrow express, gatwick express, northern rail, virgin trains, great western,
    rajdhani express, shatabdi express, via rail]],
  networks = list [[facebook, twitter, instagram, snapchat, linkedin, pinterest, tumblr, reddit,
    whatsapp, youtube, google plus, myspace, skype, messenger, flickr]],
  apps = list [[spotify, pandora, itunes, apple music, google play, amazon music, deezer, tidal,
    soundcloud, i heart radio, tune in, sirius, audible, youtube, netflix, hulu, v l c,
    music player, google music, winamp]],
  companies = list [[apple, google, microsoft, amazon, facebook, twitter, netflix, tesla, intel,
    i. b. m., oracle, cisco, dell, h. p., samsung, sony, nokia, lg, panasonic, toshiba, philips,
    siemens, general electric, general motors, ford, toyota, honda, nissan, hyundai, volkswagen,
    bmw, mercedes, boeing, airbus, exxon mobil, chevron, shell, bp, walmart, target, costco, best
    buy, home depot, lowe's, ikea, macy's, sears, kroger, safeway, whole foods, tesco,
    sainsbury's, asda, aldi, cvs, walgreens, starbucks, mcdonald's, burger king, wendy's, coca
    cola, pepsi, nestle, kellogg's, nike, adidas, puma, gap, h and m, zara, disney, warner
    brothers, at and t, verizon, t mobile, sprint, comcast, vodafone, time warner, direct tv, dish
    network, british telecom, virgin media, bank of america, wells fargo, chase, citibank, goldman
    sachs, morgan stanley, j p morgan, barclays, hsbc, paypal, visa, mastercard, american express,
    delta, united airlines, southwest airlines, american airlines, jet blue, british airways,
    ryanair, emirates, lufthansa, air india, fedex, u p s, dhl, uber, lyft, airbnb, ebay, alibaba,
    yahoo, adobe, nvidia, a m d, qualcomm, tata motors, infosys, reliance, wipro, pfizer, johnson
    and johnson, bayer, procter and gamble, unilever, caterpillar, john deere, general mills,
    snapchat, spotify, groupon, gamestop, staples, office depot, i b m, h p, hewlett packard,
    lenovo, acer, asus, huawei, xiaomi, htc, motorola, blackberry, ericsson, canon, nikon, kodak,
    xerox, sharp, hitachi, mitsubishi, subaru, mazda, kia, volvo, audi, porsche, ferrari, jaguar,
    land rover, fiat, chrysler, chevrolet, renault, peugeot, suzuki, yamaha, harley davidson,
    lockheed martin, northrop grumman, raytheon, honeywell, three m, dupont, dow chemical,
    monsanto, basf, novartis, roche, merck, glaxo smith kline, astra zeneca, eli lilly, abbott,
    medtronic, united health, aetna, cigna, humana, anthem, blue cross, allstate, state farm,
    geico, progressive, metlife, prudential, fidelity, charles schwab, e trade, vanguard, black
    rock, berkshire hathaway, deutsche bank, credit suisse, u b s, lloyds, santander, royal bank
    of scotland, capital one, discover, western union, square, stripe, coinbase, salesforce, sap,
    vmware, red hat, intuit, symantec, mcafee, dropbox, slack, zoom, linkedin, pinterest, reddit,
    tumblr, twitch, etsy, wayfair, overstock, zappos, nordstrom, kohl's, j c penney, t j maxx,
    ross, marshalls, old navy, banana republic, american eagle, forever twenty one, urban
    outfitters, abercrombie, victoria's secret, levi's, under armour, reebok, new balance,
    converse, vans, timberland, north face, patagonia, rei, dick's sporting goods, toys r us,
    petsmart, petco, autozone, pep boys, jiffy lube, hertz, avis, enterprise, budget, expedia,
    priceline, orbitz, kayak, trip advisor, marriott, hilton, hyatt, holiday inn, best western,
    motel six, carnival, royal caribbean, virgin atlantic, air france, k l m, qantas, singapore
    airlines, cathay pacific, etihad, qatar airways, turkish airlines, alaska airlines, spirit,
    frontier, easyjet, greyhound, megabus, union pacific, royal mail, usps, national grid, duke
    energy, con edison, p g and e, british gas, e on, sky, b t, o two, orange, three, giffgaff,
    comcast xfinity, cox, charter, spectrum, centurylink, frontier communications, rogers, bell,
    telus, airtel, jio, hulu, h b o, roku, sling, siriusxm, nintendo, electronic arts, activision,
    blizzard, ubisoft, mattel, hasbro, lego, crayola, kraft, heinz, general foods, campbell's,
    hershey's, mars, cadbury, tyson, smithfield, dole, del monte, chiquita, anheuser busch,
    heineken, diageo, red bull, monster, gatorade, tropicana, philip morris, colgate, l'oreal,
    estee lauder, avon, sephora, ulta, kimberly clark, clorox, whirlpool, maytag, dyson, bosch,
    black and decker, sherwin williams, ace hardware, true value, wickes, b and q, argos, john
    lewis, marks and spencer, boots, morrisons, waitrose, lidl, publix, trader joe's, wegmans,
    sam's club, dollar general, dollar tree, seven eleven, circle k]],
  kitchens = list [[pizza hut, domino's, papa john's, little caesars, mcdonald's, burger king,
    wendy's, subway, taco bell, chipotle, kfc, popeyes, chick fil a, arby's, sonic, dairy queen,
    five guys, in n out, shake shack, panda express, p f chang's, olive garden, red lobster,
    outback steakhouse, applebee's, chili's, t g i fridays, ihop, denny's, waffle house, cracker
    barrel, panera, starbucks, dunkin donuts, krispy kreme, tim hortons, nando's, wagamama, pizza
    express, greggs, pret a manger, golden dragon, china garden, jade palace, taj mahal, bombay
    palace, thai orchid, sushi king, el toro, casa bonita, luigi's, mario's, tony's, gino's, sal's
    pizza, joe's diner, the corner bistro, the red lion, jack in the box, carl's jr, hardee's,
    white castle, whataburger, steak and shake, culver's, zaxby's, raising cane's, boston market,
    el pollo loco, del taco, qdoba, moe's, baja fresh, jimmy john's, jersey mike's, quiznos,
    potbelly, firehouse subs, au bon pain, einstein brothers, baskin robbins, ben and jerry's,
    cold stone, jamba juice, smoothie king, peet's coffee, costa, caffe nero, red robin, ruby
    tuesday, buffalo wild wings, hooters, texas roadhouse, longhorn steakhouse, ruth's chris,
    morton's, benihana, cheesecake factory, california pizza kitchen, carrabba's, maggiano's,
    macaroni grill, uno, sbarro, round table pizza, blaze pizza, mod pizza, papa murphy's, hungry
    howie's, marco's pizza, bertucci's, legal sea foods, bubba gump, hard rock cafe, planet
    hollywood, bob evans, perkins, village inn, golden corral, cici's, noodles and company, pei
    wei, pick up stix, yoshinoya, zizzi, ask, yo sushi, itsu, leon, byron, gourmet burger kitchen,
    harvester, toby carvery, wetherspoons, dishoom, the curry house, the spice garden, saffron,
    peking duck house, great wall, china wok, panda garden, lucky dragon, tokyo house, sakura,
    bangkok kitchen, lemongrass, saigon, pho king, seoul garden, taqueria jalisco, los amigos, don
    pablo's, la casa, la trattoria, bella napoli, roma, villa italia, nonna's kitchen, chez
    pierre, le bistro, the greek taverna, zorba's, istanbul grill, beirut, the kebab shop, the
    fish shack, captain d's, long john silver's, the steak house, smokey's, bubba's barbecue,
    mama's kitchen, the blue plate, the rusty spoon]],
  dishes = list [[pizza, pepperoni pizza, cheese pizza, hamburger, cheeseburger, french fries,
    hot dog, fried chicken, chicken wings, chicken nuggets, roast chicken, baked chicken,
    butter chicken, chicken tikka masala, chicken curry, chicken soup, chicken pot pie,
    chicken alfredo, chicken parmesan, general tso's chicken, orange chicken, kung pao chicken,
    sweet and sour pork, fried rice, egg rolls, spring rolls, dumplings, wonton soup, chow mein,
    lo mein, pad thai, green curry, pho, ramen, sushi, tempura, teriyaki, miso soup, bibimbap,
    tacos, burritos, enchiladas, quesadillas, nachos, guacamole, fajitas, tamales, paella, tapas,
    spaghetti, spaghetti bolognese, spaghetti and meatballs, lasagna, ravioli, risotto, carbonara,
    mac and cheese, pasta salad, caesar salad, greek salad, potato salad, coleslaw, fruit salad,
    tomato soup, french onion soup, clam chowder, chili, beef stew, pot roast, meatloaf,
    meatballs, steak, pork chops, pulled pork, ribs, roast beef, leg of lamb, turkey,
    thanksgiving turkey, ham, bacon and eggs, scrambled eggs, omelette, french toast, pancakes,
    waffles, oatmeal, granola, smoothie, fish and chips, salmon, grilled salmon, tuna salad,
    shrimp scampi, lobster, crab cakes, falafel, hummus, shawarma, kebab, gyro, samosa, biryani,
    naan, dal, paneer, palak paneer, dosa, mashed potatoes, baked potato, sweet potatoes,
    green beans, stuffing, gravy, corn bread, garlic bread, banana bread, apple pie, pumpkin pie,
    cherry pie, cheesecake, chocolate cake, carrot cake, birthday cake, cupcakes, brownies,
    chocolate chip cookies, sugar cookies, muffins, scones, doughnuts, ice cream, tiramisu,
    creme brulee, apple crisp]],
  cuisines = list [[chinese, mexican, italian, indian, thai, japanese, french, greek, spanish,
    korean, vietnamese, turkish, lebanese, american, mediterranean, ethiopian, vegetarian, vegan,
    halal, kosher, cajun, cuban, asian, middle eastern, seafood, barbecue, fast food]],
  groceries = list [[milk, eggs, bread, butter, cheese, sugar, flour, salt, pepper, rice, pasta,
    apples, bananas, oranges, grapes, lemons, strawberries, potatoes, tomatoes, onions, garlic,
    carrots, lettuce, spinach, broccoli, cucumbers, mushrooms, chicken, ground beef, bacon, ham,
    fish, yogurt, cream, ice cream, cereal, oatmeal, coffee, tea, juice, soda, beer, wine, water,
    toilet paper, paper towels, soap, shampoo, toothpaste, detergent, light bulbs, batteries,
    dog food, cat food, diapers, ketchup, mustard, mayonnaise, olive oil, honey, peanut butter,
    jam, chocolate, cookies, chips, nuts, frozen pizza, trash bags, aluminum foil]],
  lists = list [[shopping, grocery, to do, wish, christmas, packing, birthday, wedding guest,
    guest, party, reading, book, movie, music, chores, work, travel, holiday, gift, contact,
    vacation, homework, bucket, errand, hardware store, school supplies, camping, menu, task,
    bills, recipe, invitation, favorites, camping gear, baby names, weekend, garden,
    house repairs, phone]],
  genres = list [[rock, pop, jazz, blues, country, classical, hip hop, rap, r and b, soul, funk,
    reggae, metal, heavy metal, punk, folk, indie, alternative, electronic, techno, house, dance,
    disco, gospel, christian, latin, salsa, opera, soft rock, classic rock, hard rock, bluegrass,
    oldies, eighties, nineties, sixties, acoustic, instrumental, ambient, k pop, bollywood, swing,
    motown, grunge, trance, dubstep, new age, christmas, world]],
  moods = list [[sad, happy, romantic, relaxing, upbeat, slow, calm, soothing, loud, party,
    workout, sleep, study, morning, popular, new, old, top, best, latest, soft]],
  topics = list [[politics, sports, technology, science, business, finance, health, entertainment,
    weather, election, presidential election, brexit, climate change, global warming, immigration,
    gun control, tax reform, health care, stock market, economy, oil prices, unemployment,
    foreign policy, trade war, terrorism, north korea, syria, middle east, european union,
    white house, congress, supreme court, senate hearing, impeachment, space exploration, nasa,
    mars mission, artificial intelligence, self driving cars, iphone, social media,
    cyber security, bitcoin, football, soccer, basketball, baseball, hockey, tennis, golf,
    cricket, world cup, olympics, super bowl, nba finals, champions league, formula one,
    wimbledon, oscars, grammys, celebrity, hollywood, bollywood, fashion, music, education,
    teachers strike, housing market, wildfires, hurricane, earthquake, flood, drought,
    plane crash, train accident, royal wedding, royal family, minimum wage, student loans,
    food safety, flu season, vaccine, opioid crisis, electric cars, renewable energy, new tax law,
    border wall, city council, local elections]],
  words = list [[democracy, capitalism, socialism, inflation, recession, economy, mortgage,
    equity, algorithm, computer, laptop, software, internet, robot, artificial intelligence,
    blockchain, photosynthesis, gravity, quantum mechanics, relativity, evolution, atom, molecule,
    cell, black hole, galaxy, solar system, planet, comet, eclipse, volcano, glacier, hurricane,
    tornado, tsunami, earthquake, climate, ecosystem, biodiversity, metamorphosis, osmosis,
    mitosis, geometry, triangle, hexagon, algebra, calculus, fraction, parallelogram, metaphor,
    simile, irony, sarcasm, paradox, hypothesis, theory, philosophy, ethics, justice, freedom,
    love, hate, happiness, courage, wisdom, serendipity, nostalgia, empathy, apathy, ambiguous,
    benevolent, candid, diligent, eloquent, frugal, gregarious, humble, impeccable, jovial,
    meticulous, nonchalant, obsolete, pragmatic, resilient, superfluous, tenacious, ubiquitous,
    verbose, whimsical, zealous, book, chair, table, lamp, spoon, hammer, bicycle, umbrella,
    microscope, telescope, compass, engine, elephant, giraffe, penguin, kangaroo, platypus,
    octopus, dolphin, hummingbird, oak tree, cactus, orchid, avocado, quinoa, tofu, kimchi,
    espresso machine, smart phone, tennis racket, rocking chair, electric guitar, grand piano,
    golden retriever, great white shark, bald eagle, solar panel, wind turbine, steam engine,
    hot air balloon, fire truck, sports car, credit card, hedge fund, stock exchange,
    virtual reality, machine learning, common sense, global warming, freedom of speech, civil war,
    prime minister, vice president]],
  wonders = list [[eiffel tower, statue of liberty, great wall of china, taj mahal, grand canyon,
    mount everest, mount rushmore, niagara falls, golden gate bridge, empire state building,
    white house, big ben, tower of london, buckingham palace, stonehenge, colosseum, vatican,
    leaning tower of pisa, acropolis, pyramids of giza, machu picchu, great barrier reef,
    amazon river, nile river, mississippi river, sahara desert, pacific ocean, atlantic ocean,
    lake michigan, lake superior, yellowstone, yosemite, times square, central park, hollywood,
    disneyland, las vegas strip, loch ness, mount fuji, kilimanjaro, dead sea, red square]],
  currencies = list [[dollar, us dollar, american dollar, canadian dollar, australian dollar,
    new zealand dollar, hong kong dollar, singapore dollar, euro, pound, british pound,
    pound sterling, english pound, swiss franc, franc, yen, japanese yen, yuan, chinese yuan, won,
    korean won, rupee, indian rupee, peso, mexican peso, philippine peso, real, ruble, lira,
    turkish lira, rand, krone, swedish krona, shekel, dinar, dirham, baht, ringgit, bitcoin,
    u. s. d., g. b. p., e. u. r., c. a. d., a. u. d., j. p. y., i. n. r., c. h. f., inr, cad]],
  zones = list [[eastern, central, pacific, mountain, g. m. t., e. s. t., p. s. t., u. t. c., ist,
    eastern standard, pacific standard, central european, g. m. t. plus one,
    g. m. t. minus five]],
  shops = list [[restaurant, restaurants, bar, bars, pub, cafe, coffee shop, coffee shops, bakery,
    pizza place, diner, steakhouse, sports bar, night club, supermarket, grocery store,
    convenience store, hardware store, book store, toy store, shoe store, shoe shops,
    clothing store, clothing stores, department store, mall, shopping mall, pharmacy, hospital,
    gas station, petrol station, bank, atm, post office, library, museum, art gallery, theater,
    movie theater, cinema, park, zoo, gym, swimming pool, bowling alley, hair salon, barber shop,
    nail salon, dry cleaner, laundromat, pet store, garden center, hotel, motel, parking garage,
    car wash, mechanic, dentist, church, school, airport, train station, bus stop, ice cream shop,
    sushi bar, wine bar, food truck, farmers market, flower shop, jewelry store, music store]],
  rooms = list [[living room, bedroom, kitchen, bathroom, dining room, hallway, hall, office,
    garage, basement, attic, den, study, porch, patio, game room, guest room, guest bedroom,
    kids room, master bedroom, front room, laundry room, family room, upstairs, downstairs, house,
    room]],
  colors = list [[red, blue, green, yellow, orange, purple, pink, white, black, warm white, dark,
    light blue, dark blue, light green, turquoise, lavender, gold, silver, violet, indigo,
    magenta, teal, soft white, bright, warm, cool]],
  relations = list [[mom, dad, mother, father, wife, husband, brother, sister, son, daughter,
    aunt, uncle, cousin, grandmother, grandfather, grandma, grandpa, niece, nephew, boss, manager,
    friend, best friend, friends, girlfriend, boyfriend, neighbor, colleague, coworker, co worker,
    team, teacher, landlord, family, parents, mother in law, doctor, lawyer, accountant,
    assistant, secretary, supervisor, client, roommate, kids, professor, mum, coworkers,
    colleagues]],
  facts = list [[phone number, number, address, email, email address, home address, birthday,
    cell phone number, mobile number, work number, home phone number, work email, office number,
    home number, last name]],
  jokes = list [[funny, good, knock knock, dirty, clean, silly, dad, yo mama, blonde, corny, new,
    animal, chicken, office, political, best, random, short, lame, cheesy]],
  fair = list [[concert, concerts, festival, festivals, music festival, jazz festival,
    food festival, film festival, wine tasting, art show, art exhibition, exhibitions, craft fair,
    book fair, street fair, carnival, circus, parade, fireworks, comedy show, comedy shows, plays,
    musical, opera, ballet, dog show, car show, boat show, trade show, auction, flea market,
    garage sales, marathon, charity run, football game, baseball game, basketball games,
    hockey game, soccer match, rodeo, magic show, poetry reading, open mic night, trivia night,
    karaoke night, rock concerts, live music, beer festival, balloon festival, christmas market,
    parties, shows]],
}

for name, works in pairs(require "moonlet.corpus.works") do famous[name] = works end

return famous
