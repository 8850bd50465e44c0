-- works.lua: songs, books, films, games and podcasts that many people know, and who made them, as
-- their names are said aloud.

local list = require("moonlet.corpus.words").list

return {
  artists = list [[the beatles, the rolling stones, queen, pink floyd, led zeppelin, abba, u two,
    coldplay, radiohead, nirvana, metallica, iron maiden, black sabbath, deep purple, the who, the
    doors, the clash, the cure, oasis, blur, muse, foo fighters, green day, linkin park, red hot
    chili peppers, guns n roses, aerosmith, bon jovi, a c d c, kiss, journey, eagles, fleetwood
    mac, the beach boys, simon and garfunkel, bob dylan, neil young, bruce springsteen, tom petty,
    billy joel, elton john, paul mccartney, john lennon, david bowie, prince, michael jackson,
    madonna, whitney houston, mariah carey, celine dion, stevie wonder, aretha franklin, ray
    charles, james brown, marvin gaye, otis redding, nina simone, billie holiday, ella fitzgerald,
    louis armstrong, miles davis, john coltrane, duke ellington, frank sinatra, dean martin, elvis
    presley, johnny cash, dolly parton, willie nelson, kenny rogers, garth brooks, carrie
    underwood, taylor swift, katy perry, lady gaga, rihanna, beyonce, adele, ed sheeran, sam
    smith, bruno mars, justin bieber, justin timberlake, usher, drake, eminem, jay z, kanye west,
    kendrick lamar, snoop dogg, tupac, the notorious big, nicki minaj, cardi b, ariana grande,
    selena gomez, miley cyrus, demi lovato, shakira, jennifer lopez, enrique iglesias, ricky
    martin, pitbull, daddy yankee, marc anthony, gloria estefan, bob marley, carlos santana, eric
    clapton, jimi hendrix, b b king, norah jones, alicia keys, john legend, john mayer, jason
    mraz, jack johnson, maroon five, one republic, imagine dragons, the black keys, arctic
    monkeys, the killers, kings of leon, mumford and sons, of monsters and men, lorde, sia, lana
    del rey, florence and the machine, daft punk, david guetta, calvin harris, avicii, the
    chainsmokers, deadmau five, skrillex, mozart, beethoven, bach, vivaldi, tchaikovsky, brahms,
    handel, debussy, schubert, haydn, andrea bocelli, luciano pavarotti, yo yo ma, hans zimmer,
    backstreet boys, spice girls, one direction, destiny's child, boyz two men, t l c, cher, tina
    turner, cyndi lauper, amy winehouse, sade, enya, kate bush, bjork, gorillaz, the weeknd, bruno
    major, hozier, a tribe called quest, lata mangeshkar, kishore kumar, asha bhosle, sonu nigam,
    chopin, rachmaninoff, stravinsky, mahler, wagner, verdi, puccini, rossini, liszt, mendelssohn,
    schumann, philip glass, ludovico einaudi, john williams, ennio morricone, vangelis, jean
    michel jarre, kraftwerk, depeche mode, new order, joy division, the smiths, morrissey, duran
    duran, tears for fears, simple minds, genesis, phil collins, peter gabriel, yes, rush, king
    crimson, jethro tull, the kinks, the animals, the yardbirds, cream, creedence clearwater
    revival, the grateful dead, the allman brothers band, lynyrd skynyrd, z z top, the band, the
    byrds, crosby stills and nash, joni mitchell, carole king, james taylor, cat stevens, leonard
    cohen, van morrison, paul simon, tom waits, lou reed, the velvet underground, iggy pop, the
    ramones, the sex pistols, blondie, talking heads, the pretenders, the police, sting, dire
    straits, supertramp, toto, chicago, foreigner, boston, kansas, styx, heart, pat benatar, joan
    jett, van halen, def leppard, motley crue, poison, ozzy osbourne, judas priest, motorhead,
    slayer, megadeth, pantera, tool, slipknot, korn, limp bizkit, system of a down, rage against
    the machine, audioslave, soundgarden, pearl jam, alice in chains, stone temple pilots,
    smashing pumpkins, weezer, pixies, sonic youth, r. e. m., the cranberries, garbage, hole, no
    doubt, gwen stefani, sublime, blink one eighty two, sum forty one, the offspring, fall out
    boy, panic at the disco, paramore, my chemical romance, twenty one pilots, thirty seconds to
    mars, nickelback, creed, matchbox twenty, goo goo dolls, train, counting crows, dave matthews
    band, hootie and the blowfish, phish, snow patrol, keane, travis, the verve, pulp, suede,
    elbow, franz ferdinand, kaiser chiefs, bloc party, vampire weekend, arcade fire, the national,
    bon iver, fleet foxes, the lumineers, the shins, death cab for cutie, modest mouse, wilco,
    beck, moby, massive attack, portishead, the prodigy, the chemical brothers, fatboy slim,
    tiesto, armin van buuren, marshmello, zedd, diplo, major lazer, kygo, swedish house mafia,
    disclosure, rudimental, clean bandit, ellie goulding, dua lipa, charli x c x, rita ora, jessie
    j, paloma faith, emeli sande, duffy, dido, annie lennox, eurythmics, george michael, wham, boy
    george, culture club, robbie williams, take that, westlife, boyzone, the corrs, christina
    aguilera, britney spears, pink, kelly clarkson, avril lavigne, alanis morissette, sheryl crow,
    sarah mclachlan, shania twain, faith hill, tim mcgraw, keith urban, blake shelton, luke bryan,
    kenny chesney, brad paisley, george strait, hank williams, merle haggard, patsy cline, loretta
    lynn, tammy wynette, reba mcentire, lady antebellum, florida georgia line, zac brown band,
    chris stapleton, kacey musgraves, maren morris, diana ross, the supremes, the temptations, the
    four tops, smokey robinson, the jackson five, gladys knight, earth wind and fire, kool and the
    gang, the commodores, lionel richie, barry white, al green, bill withers, curtis mayfield,
    isaac hayes, chaka khan, donna summer, gloria gaynor, the bee gees, village people, luther
    vandross, anita baker, janet jackson, mary j blige, t pain, ne yo, chris brown, r kelly, john
    mayer trio, frank ocean, childish gambino, chance the rapper, j cole, travis scott, post
    malone, future, migos, lil wayne, lil kim, fifty cent, dr dre, ice cube, n w a, public enemy,
    run d m c, beastie boys, l l cool j, wu tang clan, nas, missy elliott, lauryn hill, the
    fugees, outkast, the roots, common, mos def, cypress hill, buddy holly, chuck berry, little
    richard, jerry lee lewis, roy orbison, the everly brothers, fats domino, bo diddley, muddy
    waters, howlin wolf, robert johnson, john lee hooker, buddy guy, stevie ray vaughan, etta
    james, janis joplin, sarah vaughan, nat king cole, tony bennett, bing crosby, perry como,
    sammy davis junior, michael buble, harry connick junior, diana krall, dave brubeck, charlie
    parker, dizzy gillespie, thelonious monk, charles mingus, herbie hancock, chet baker, stan
    getz, kenny g, barry manilow, neil diamond, barbra streisand, bette midler, andre rieu, yanni,
    a r rahman, arijit singh, shreya ghoshal, mohammed rafi, nusrat fateh ali khan, ravi shankar,
    b t s, blackpink, psy, bad bunny, j balvin, maluma, luis fonsi, julio iglesias, juanes, mana,
    gipsy kings, buena vista social club, jimmy cliff, peter tosh, u b forty, sean paul, shaggy,
    fela kuti]],
  songs = list [[hey jude, let it be, yesterday, imagine, bohemian rhapsody, we will rock you,
    stairway to heaven, hotel california, smells like teen spirit, wonderwall, purple rain, billie
    jean, thriller, beat it, like a prayer, like a virgin, i will always love you, my heart will
    go on, dancing queen, mamma mia, waterloo, sweet child of mine, november rain, livin on a
    prayer, don't stop believing, eye of the tiger, born to run, piano man, rocket man, tiny
    dancer, candle in the wind, space oddity, heroes, let's dance, under pressure, viva la vida,
    yellow, fix you, clocks, creep, karma police, seven nation army, mr brightside, use somebody,
    rolling in the deep, someone like you, hello, skyfall, halo, single ladies, crazy in love,
    umbrella, diamonds, firework, roar, poker face, bad romance, shake it off, love story, blank
    space, shape of you, thinking out loud, uptown funk, just the way you are, grenade, baby,
    sorry, happy, get lucky, one more time, despacito, hips don't lie, waka waka, la bamba,
    macarena, yellow submarine, ring of fire, hurt, jolene, nine to five, take me home country
    roads, friends in low places, fly me to the moon, my way, new york new york, what a wonderful
    world, summertime, feeling good, respect, superstition, i just called to say i love you, three
    little birds, no woman no cry, redemption song, hallelujah, sound of silence, bridge over
    troubled water, mrs robinson, brown eyed girl, sweet caroline, stand by me, unchained melody,
    lean on me, yesterday once more, the girl from ipanema, moon river, over the rainbow, amazing
    grace, silent night, jingle bells, white christmas, happy birthday, twinkle twinkle little
    star, fur elise, moonlight sonata, the four seasons, ride of the valkyries, swan lake, ave
    maria, stayin alive, i will survive, y m c a, dancing in the dark, girls just want to have
    fun, time after time, total eclipse of the heart, africa, hold the line, take on me, sweet
    dreams, every breath you take, roxanne, message in a bottle, with or without you, one, losing
    my religion, zombie, torn, iris, chasing cars, counting stars, radioactive, believer, royals,
    chandelier, take me to church, stressed out, hotline bling, lose yourself, stan, empire state
    of mind, a day in the life, come together, here comes the sun, eleanor rigby, penny lane,
    strawberry fields forever, paint it black, satisfaction, gimme shelter, wild horses,
    comfortably numb, wish you were here, money, time, another brick in the wall, whole lotta
    love, kashmir, black dog, back in black, highway to hell, thunderstruck, enter sandman,
    nothing else matters, one of these nights, paranoid, iron man, smoke on the water, layla,
    wonderful tonight, tears in heaven, purple haze, all along the watchtower, light my fire,
    riders on the storm, my generation, baba o'riley, sunshine of your love, free bird, sweet home
    alabama, american pie, vincent, fire and rain, you've got a friend, both sides now, blowin in
    the wind, like a rolling stone, the times they are a changin, knocking on heaven's door, the
    boxer, cecilia, homeward bound, california dreaming, monday monday, good vibrations, god only
    knows, go your own way, dreams, landslide, bad moon rising, proud mary, fortunate son, have
    you ever seen the rain, carry on wayward son, more than a feeling, don't fear the reaper, the
    final countdown, jump, pour some sugar on me, rock you like a hurricane, welcome to the
    jungle, paradise city, wanted dead or alive, you give love a bad name, faithfully, open arms,
    i want to know what love is, i can't dance, in the air tonight, against all odds, careless
    whisper, wake me up before you go go, last christmas, faith, karma chameleon, tainted love,
    blue monday, just like heaven, enjoy the silence, personal jesus, where the streets have no
    name, beautiful day, sunday bloody sunday, born in the usa, thunder road, streets of
    philadelphia, pink houses, summer of sixty nine, heaven, everything i do, glory of love,
    eternal flame, walk like an egyptian, manic monday, vogue, material girl, express yourself,
    black or white, smooth criminal, man in the mirror, bad, human nature, when doves cry, kiss,
    little red corvette, i wanna dance with somebody, greatest love of all, hero, we belong
    together, all i want for christmas is you, fantasy, no scrubs, waterfalls, wannabe, i want it
    that way, everybody, baby one more time, toxic, oops i did it again, genie in a bottle,
    beautiful, complicated, since you been gone, you oughta know, ironic, jagged little pill,
    linger, don't speak, just a girl, black hole sun, alive, jeremy, even flow, come as you are,
    lithium, heart shaped box, under the bridge, californication, scar tissue, basket case,
    boulevard of broken dreams, american idiot, all the small things, in the end, numb, crawling,
    bring me to life, how you remind me, photograph, drops of jupiter, hey soul sister, i'm yours,
    lucky, banana pancakes, gravity, your body is a wonderland, no one, fallin, if i ain't got
    you, ordinary people, all of me, stay with me, lay me down, say you won't let go, castle on
    the hill, perfect, all about that bass, call me maybe, tik tok, i kissed a girl, teenage
    dream, dark horse, wrecking ball, party in the usa, we can't stop, love me like you do, burn,
    team, summertime sadness, video games, young and beautiful, born to die, shake it out, dog
    days are over, little talks, ho hey, i will wait, home, pompeii, demons, thunder, whatever it
    takes, sugar, moves like jagger, this love, she will be loved, animals, apologize, good life,
    ride, heathens, closer, don't let me down, something just like this, roses, wake me up,
    levels, hey brother, titanium, don't you worry child, clarity, harlem shake, gangnam style,
    party rock anthem, sexy and i know it, boom boom pow, i gotta feeling, where is the love,
    yeah, o m g, low, hot in here, in da club, candy shop, still d r e, california love, changes,
    juicy, hypnotize, big poppa, ninety nine problems, hard knock life, gold digger, stronger,
    heartless, power, god's plan, in my feelings, started from the bottom, humble, alright, sicko
    mode, rockstar, congratulations, old town road, bad guy, sunflower, havana, senorita, closing
    time, semi charmed life, bitter sweet symphony, champagne supernova, don't look back in anger,
    song two, common people, angels, rock with you, let's stay together, what's going on, i heard
    it through the grapevine, ain't no mountain high enough, my girl, tracks of my tears, dancing
    in the street, what'd i say, georgia on my mind, hit the road jack, i got you, sex machine,
    sittin on the dock of the bay, at last, my funny valentine, take five, so what, blue in green,
    in the mood, sing sing sing, clair de lune, canon in d, ode to joy, the nutcracker, requiem,
    bolero, carmen, nessun dorma, o sole mio, time to say goodbye, danny boy, auld lang syne,
    scarborough fair, greensleeves, o holy night, deck the halls, rudolph the red nosed reindeer,
    frosty the snowman, let it go, circle of life, hakuna matata, a whole new world, under the
    sea, the wheels on the bus, old macdonald, itsy bitsy spider, baa baa black sheep]],
  books = list [[pride and prejudice, sense and sensibility, jane eyre, wuthering heights, great
    expectations, a tale of two cities, oliver twist, david copperfield, moby dick, the great
    gatsby, to kill a mockingbird, the catcher in the rye, of mice and men, the grapes of wrath,
    the old man and the sea, a farewell to arms, war and peace, anna karenina, crime and
    punishment, the idiot, don quixote, les miserables, the three musketeers, the count of monte
    cristo, madame bovary, the stranger, the trial, ulysses, dracula, frankenstein, treasure
    island, robinson crusoe, gulliver's travels, the time machine, the war of the worlds, brave
    new world, animal farm, lord of the flies, fahrenheit four fifty one, the hobbit, the lord of
    the rings, the two towers, the return of the king, the lion the witch and the wardrobe, harry
    potter, harry potter and the goblet of fire, the hunger games, catching fire, mockingjay,
    twilight, divergent, the da vinci code, angels and demons, the girl with the dragon tattoo,
    gone girl, the girl on the train, the shining, it, misery, the stand, carrie, dune,
    foundation, neuromancer, ender's game, the martian, ready player one, the hitchhiker's guide
    to the galaxy, good omens, american gods, game of thrones, a clash of kings, outlander, the
    handmaid's tale, the book thief, the kite runner, life of pi, the alchemist, the fault in our
    stars, the notebook, eat pray love, the secret, becoming, steve jobs, sapiens, freakonomics,
    outliers, the power of habit, the lean startup, think and grow rich, how to win friends and
    influence people, the art of war, a brief history of time, the selfish gene, alice in
    wonderland, peter pan, the secret garden, little women, black beauty, the jungle book, winnie
    the pooh, charlotte's web, matilda, the little prince, the adventures of tom sawyer,
    huckleberry finn, white fang, the call of the wild, murder on the orient express, and then
    there were none, the hound of the baskervilles, the name of the rose, one hundred years of
    solitude, beloved, emma, mansfield park, persuasion, northanger abbey, middlemarch, silas
    marner, vanity fair, tess of the d'urbervilles, far from the madding crowd, bleak house, hard
    times, a christmas carol, the picture of dorian gray, the importance of being earnest, dr
    jekyll and mr hyde, kidnapped, the invisible man, heart of darkness, lord jim, the turn of the
    screw, the portrait of a lady, the age of innocence, ethan frome, the scarlet letter, walden,
    leaves of grass, uncle tom's cabin, the red badge of courage, the jungle, main street, the sun
    also rises, for whom the bell tolls, tender is the night, the sound and the fury, as i lay
    dying, east of eden, invisible man, native son, their eyes were watching god, the color
    purple, song of solomon, catch twenty two, slaughterhouse five, cat's cradle, on the road,
    naked lunch, a clockwork orange, nineteen eighty four, homage to catalonia, a room with a
    view, howards end, a passage to india, mrs dalloway, to the lighthouse, lady chatterley's
    lover, sons and lovers, rebecca, brideshead revisited, the end of the affair, the quiet
    american, goldfinger, the spy who came in from the cold, the bourne identity, the hunt for red
    october, the firm, the pelican brief, a time to kill, along came a spider, kiss the girls,
    inferno, the lost symbol, sharp objects, big little lies, where the crawdads sing, educated,
    the help, water for elephants, the lovely bones, room, the road, no country for old men, blood
    meridian, the corrections, freedom, infinite jest, the goldfinch, the secret history, a little
    life, normal people, atonement, never let me go, the remains of the day, white teeth,
    midnight's children, the god of small things, a fine balance, the namesake, things fall apart,
    americanah, half of a yellow sun, disgrace, norwegian wood, kafka on the shore, the wind up
    bird chronicle, the master and margarita, dead souls, fathers and sons, the brothers
    karamazov, doctor zhivago, the metamorphosis, siddhartha, steppenwolf, the magic mountain, all
    quiet on the western front, the tin drum, the plague, nausea, candide, the hunchback of notre
    dame, around the world in eighty days, twenty thousand leagues under the sea, the phantom of
    the opera, the odyssey, the iliad, the aeneid, the divine comedy, the canterbury tales,
    paradise lost, hamlet, macbeth, romeo and juliet, king lear, othello, a midsummer night's
    dream, the tempest, beowulf, the silmarillion, the fellowship of the ring, harry potter and
    the sorcerer's stone, harry potter and the chamber of secrets, harry potter and the prisoner
    of azkaban, harry potter and the half blood prince, harry potter and the deathly hallows, new
    moon, eclipse, breaking dawn, insurgent, allegiant, the maze runner, the giver, a wrinkle in
    time, the golden compass, eragon, the lightning thief, the sea of monsters, prince caspian,
    the silver chair, the phantom tollbooth, bridge to terabithia, where the red fern grows,
    holes, wonder, the bfg, charlie and the chocolate factory, james and the giant peach, the very
    hungry caterpillar, goodnight moon, green eggs and ham, the cat in the hat, the polar express,
    anne of green gables, heidi, pinocchio, bambi, the wind in the willows, watership down,
    paddington, the tale of peter rabbit, a storm of swords, a feast for crows, a dance with
    dragons, the name of the wind, the eye of the world, mistborn, the way of kings, the colour of
    magic, mort, small gods, stardust, coraline, neverwhere, snow crash, hyperion, the left hand
    of darkness, the dispossessed, starship troopers, stranger in a strange land, childhood's end,
    rendezvous with rama, two thousand and one a space odyssey, i robot, the caves of steel, do
    androids dream of electric sheep, contact, jurassic park, the andromeda strain, world war z,
    pet sematary, salem's lot, the green mile, doctor sleep, eleven twenty two sixty three, the
    dark tower, interview with the vampire, the silence of the lambs, rosemary's baby, the
    exorcist, the amityville horror, in cold blood, into the wild, into thin air, the perfect
    storm, unbroken, seabiscuit, team of rivals, john adams, guns germs and steel, the tipping
    point, blink, thinking fast and slow, predictably irrational, quiet, lean in, grit, mindset,
    atomic habits, the seven habits of highly effective people, rich dad poor dad, the four hour
    work week, the four hour body, the intelligent investor, good to great, who moved my cheese,
    the five love languages, men are from mars women are from venus, the subtle art of not caring,
    twelve rules for life, man's search for meaning, meditations, the prince, the republic, the
    communist manifesto, the wealth of nations, on the origin of species, silent spring, cosmos,
    the elegant universe, a short history of nearly everything, the origin of wealth, the double
    helix, born a crime, bossypants, yes please, is everyone hanging out without me, night, the
    diary of anne frank, long walk to freedom, the autobiography of malcolm x, dreams from my
    father, the bible, the quran, the bhagavad gita]],
  authors = list [[stephen king, j k rowling, john grisham, dan brown, agatha christie, george r r
    martin, j r r tolkien, jane austen, charles dickens, mark twain, james patterson, dean koontz,
    danielle steel, nora roberts, neil gaiman, terry pratchett, isaac asimov, philip k dick, ray
    bradbury, ernest hemingway, leo tolstoy, paulo coelho, haruki murakami, margaret atwood, toni
    morrison, maya angelou, malcolm gladwell, michelle obama, roald dahl, lee child, tom clancy,
    michael crichton, gillian flynn, suzanne collins, nicholas sparks, jodi picoult, john green,
    veronica roth, rick riordan, stephenie meyer, c s lewis, philip pullman, anne rice, clive
    cussler, ken follett, john le carre, robert ludlum, frederick forsyth, ian fleming, sidney
    sheldon, jeffrey archer, janet evanovich, patricia cornwell, michael connelly, harlan coben,
    louise penny, tana french, paula hawkins, stieg larsson, jo nesbo, khaled hosseini, arundhati
    roy, salman rushdie, chetan bhagat, jhumpa lahiri, kazuo ishiguro, ian mcewan, zadie smith,
    hilary mantel, virginia woolf, james joyce, oscar wilde, thomas hardy, charlotte bronte, emily
    bronte, george eliot, george orwell, aldous huxley, h g wells, jules verne, victor hugo,
    alexandre dumas, albert camus, franz kafka, hermann hesse, fyodor dostoevsky, anton chekhov,
    gabriel garcia marquez, isabel allende, umberto eco, cormac mccarthy, kurt vonnegut, john
    steinbeck, f scott fitzgerald, william faulkner, harper lee, j d salinger, jack kerouac,
    truman capote, philip roth, john updike, don delillo, donna tartt, arthur c clarke, ursula le
    guin, frank herbert, orson scott card, brandon sanderson, robert jordan, yuval noah harari,
    michael lewis, walter isaacson, brene brown, tony robbins, dale carnegie, deepak chopra, bill
    bryson, david sedaris, tina fey, beverly cleary, judy blume, dr seuss, beatrix potter, enid
    blyton, lewis carroll, a a milne]],
  films = list [[star wars, the empire strikes back, rogue one, the godfather, pulp fiction,
    forrest gump, titanic, avatar, the matrix, inception, interstellar, gladiator, braveheart,
    jurassic park, jaws, e t, back to the future, the terminator, alien, rocky, rambo, die hard,
    indiana jones, james bond, skyfall, casino royale, the dark knight, batman, superman, wonder
    woman, spider man, iron man, captain america, the avengers, black panther, thor, guardians of
    the galaxy, deadpool, logan, x men, toy story, finding nemo, frozen, shrek, the lion king,
    beauty and the beast, moana, zootopia, coco, up, inside out, minions, despicable me, the lego
    movie, kung fu panda, mulan, cinderella, home alone, elf, love actually, notting hill, pretty
    woman, dirty dancing, grease, la la land, moonlight, hidden figures, the shape of water,
    dunkirk, get out, it, arrival, the revenant, mad max, fast and furious, mission impossible,
    pirates of the caribbean, harry potter, the lord of the rings, the hobbit, fight club, the
    shawshank redemption, goodfellas, scarface, casablanca, gone with the wind, the sound of
    music, mary poppins, psycho, vertigo, the shining, the exorcist, blade runner, citizen kane,
    rear window, north by northwest, the birds, singin in the rain, some like it hot, breakfast at
    tiffany's, roman holiday, lawrence of arabia, ben hur, the ten commandments, spartacus, the
    good the bad and the ugly, a fistful of dollars, dr no, goldfinger, easy rider, the graduate,
    bonnie and clyde, butch cassidy and the sundance kid, the sting, chinatown, taxi driver,
    raging bull, apocalypse now, the deer hunter, platoon, full metal jacket, one flew over the
    cuckoo's nest, annie hall, manhattan, saturday night fever, close encounters of the third
    kind, raiders of the lost ark, return of the jedi, the phantom menace, the force awakens, the
    last jedi, ghostbusters, beverly hills cop, top gun, the karate kid, the breakfast club,
    ferris bueller's day off, sixteen candles, big, splash, rain man, when harry met sally, dead
    poets society, driving miss daisy, field of dreams, ghost, dances with wolves, the silence of
    the lambs, thelma and louise, unforgiven, a few good men, schindler's list, the fugitive,
    philadelphia, speed, true lies, the usual suspects, seven, heat, casino, fargo, twister,
    independence day, jerry maguire, men in black, good will hunting, as good as it gets,
    armageddon, saving private ryan, there's something about mary, shakespeare in love, the truman
    show, american beauty, the sixth sense, the blair witch project, american pie, being john
    malkovich, magnolia, cast away, memento, crouching tiger hidden dragon, almost famous, meet
    the parents, o brother where art thou, a beautiful mind, ocean's eleven, monsters inc, moulin
    rouge, donnie darko, training day, amelie, chicago, catch me if you can, minority report,
    eight mile, my big fat greek wedding, lost in translation, kill bill, mystic river, school of
    rock, bruce almighty, the notebook, mean girls, napoleon dynamite, the incredibles, sideways,
    million dollar baby, brokeback mountain, crash, v for vendetta, batman begins, sin city,
    wedding crashers, the departed, little miss sunshine, the devil wears prada, borat, pan's
    labyrinth, three hundred, there will be blood, no country for old men, juno, superbad, knocked
    up, ratatouille, transformers, slumdog millionaire, wall e, gran torino, twilight, tropic
    thunder, step brothers, the hangover, district nine, inglourious basterds, the blind side,
    sherlock holmes, the social network, black swan, the king's speech, true grit, how to train
    your dragon, bridesmaids, the help, drive, moneyball, the artist, the girl with the dragon
    tattoo, argo, lincoln, django unchained, silver linings playbook, les miserables, life of pi,
    the hunger games, brave, wreck it ralph, gravity, twelve years a slave, her, the wolf of wall
    street, american hustle, the conjuring, gone girl, the imitation game, whiplash, birdman,
    boyhood, the grand budapest hotel, big hero six, spotlight, the big short, room, the martian,
    ex machina, creed, jurassic world, ant man, doctor strange, suicide squad, justice league,
    aquaman, finding dory, sing, trolls, the secret life of pets, the boss baby, cars three,
    smurfs, power rangers, ghost in the shell, kong skull island, baywatch, baby driver, wonder,
    three billboards, lady bird, call me by your name, the greatest showman, a quiet place,
    bohemian rhapsody, a star is born, green book, roma, us, joker, parasite, knives out, little
    women, cats, tenet, dil chahta hai, lagaan, three idiots, dangal, sholay, baahubali, p k]],
  games = list [[chess, checkers, backgammon, poker, blackjack, solitaire, bridge, hearts, uno, go
    fish, crazy eights, old maid, monopoly, scrabble, risk, clue, battleship, connect four, tic
    tac toe, hangman, trivial pursuit, charades, pictionary, twenty questions, i spy, truth or
    dare, rock paper scissors, simon says, hide and seek, bingo, yahtzee, dominoes, mahjong,
    sudoku, minesweeper, tetris, pac man, pong, space invaders, asteroids, donkey kong, super
    mario, mario kart, zelda, pokemon, sonic the hedgehog, street fighter, mortal kombat, doom,
    quake, halo, half life, counter strike, call of duty, fortnite, overwatch, minecraft, roblox,
    the sims, sim city, civilization, age of empires, starcraft, world of warcraft, league of
    legends, dota, final fantasy, skyrim, fallout, grand theft auto, need for speed, fifa, madden,
    rocket league, wii sports, guitar hero, angry birds, candy crush, temple run, subway surfers,
    flappy bird, fruit ninja, clash of clans, clash royale, farmville, words with friends, plants
    vs zombies, two thousand and forty eight, jeopardy, family feud, wheel of fortune, who wants
    to be a millionaire, pinball, bowling, darts, snooker, pool, tennis, football, basketball,
    baseball, cricket, golf, hockey, wordle, crossword, snake, go, othello, stratego, mastermind,
    jenga, operation, the game of life, candy land, chutes and ladders, mouse trap, guess who,
    taboo, apples to apples, cards against humanity, settlers of catan, ticket to ride, pandemic,
    dungeons and dragons, magic the gathering, gin rummy, rummy, cribbage, spades, euchre,
    pinochle, canasta, war, spider solitaire, freecell, texas hold em, slots, roulette, craps,
    bejeweled, peggle, breakout, frogger, galaga, missile command, centipede, lemmings, prince of
    persia, tomb raider, resident evil, silent hill, metal gear solid, god of war, uncharted, the
    last of us, assassin's creed, far cry, red dead redemption, bioshock, portal, left four dead,
    team fortress, mass effect, dragon age, the witcher, dark souls, diablo, warcraft,
    hearthstone, heroes of the storm, apex legends, valorant, battlefield, destiny, borderlands,
    gears of war, forza, gran turismo, burnout, tony hawk, n b a two k, f i f a, w w e, animal
    crossing, stardew valley, terraria, among us, pokemon go, ingress, geoguessr, kahoot, chess
    against you, four in a row, dots and boxes, sea battle, word search, word ladder, boggle,
    categories, mad libs, name that tune, song quiz, trivia, would you rather, two truths and a
    lie, never have i ever, red light green light, duck duck goose, musical chairs, heads up,
    escape the room, akinator, the magic door, zork, ludo, carrom, papa's pizzeria, cut the rope,
    doodle jump, jetpack joyride, hill climb racing, asphalt eight, ping pong, air hockey, mini
    golf, volleyball, rugby, boxing, racing]],
  podcasts = list [[serial, s town, this american life, radiolab, ninety nine percent invisible,
    stuff you should know, freakonomics radio, planet money, how i built this, hidden brain,
    invisibilia, ted radio hour, fresh air, all songs considered, car talk, the moth, snap
    judgment, criminal, reply all, start up, the daily, pod save america, the joe rogan
    experience, the tim ferriss show, wtf with marc maron, comedy bang bang, my favorite murder,
    lore, welcome to night vale, the adventure zone, hardcore history, revisionist history, the
    history of rome, you must remember this, science friday, startalk, the infinite monkey cage,
    in our time, desert island discs, the economist, the bill simmons podcast, pardon my take, the
    dave ramsey show, the ben shapiro show, the rachel maddow show, on being, song exploder, dear
    sugars, savage lovecast, no such thing as a fish, the guardian football weekly, the habitat,
    missing richard simmons, dirty john, dr death, the dropout, up first, wait wait don't tell me,
    the splendid table, america's test kitchen radio, the nerdist, the adam carolla show, the
    smartest man in the world, you made it weird, the dollop, last podcast on the left, casefile,
    generation why, someone knows something, accused, in the dark, crimetown, gimlet, heavyweight,
    mystery show, the message, limetown, the black tapes, the bright sessions, wolf three fifty
    nine, alice isn't dead, critical role, my brother my brother and me, sawbones, judge john
    hodgman, the flop house, the weekly planet, filmspotting, the slate political gabfest, left
    right and center, intelligence squared, the ezra klein show, the gist, longform, the new
    yorker radio hour, the bbc global news podcast, the documentary, the archers, no agenda,
    security now, this week in tech, the vergecast, accidental tech podcast, darknet diaries,
    masters of scale, the gary vee audio experience, entrepreneur on fire, smart passive income,
    the minimalists, the school of greatness, the tony robbins podcast, oprah's super soul
    conversations, ted talks daily, the ted talks, stuff to blow your mind, stuff you missed in
    history class, dan carlin, the memory palace, backstory, mike duncan, ologies, the skeptics
    guide to the universe, point of inquiry, philosophize this, the partially examined life,
    coffee break spanish, duolingo, the moth radio hour, a way with words, the allusionist, the
    anthropocene reviewed, dear hank and john, welcome to macintosh, fantasy focus football,
    around the nfl, the lowe post, effectively wild, men in blazers, the football ramble, the
    cycling podcast, ted radio]],
}
