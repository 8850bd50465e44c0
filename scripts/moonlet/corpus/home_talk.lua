-- home_talk.lua: what people ask a voice assistant at home about the world and about itself. Read
-- as home.lua says.

return [[
weather_query | (what's/what is/how's/how is) the weather[ like] [in/for/at] {place_name:place}[
  {date:when}] | (what's/what is) the (weather/forecast)[ like] {date:when} | (will it/is it going
  to) {weather_descriptor:falls}[ {date:when}][ in {place_name:place}] | is it
  {weather_descriptor:feels}[ outside/ right now][ in {place_name:place}] | do i need (a/an/my)
  {weather_descriptor:wear}[ {date:when}] | should i (take/bring/wear) (a/an/my)
  {weather_descriptor:wear} {date:when} | what is the {weather_descriptor=temperature}[ in
  {place_name:place}][ {date:when}] | how {weather_descriptor:feels} (is it/will it be)[ in
  {place_name:place}][ {date:when}] | will there be {weather_descriptor:fallen}[ {date:when}][ in
  {place_name:place}] | (weather/forecast/weather report) (for/in) {place_name:place}[
  {date:when}] | what's the weather | will it be {weather_descriptor:feels} {date:when}[ in
  {place_name:place}] | (tell/give) me the (weather/forecast) {date:when} | is there a chance of
  {weather_descriptor:fallen} {date:when} | what will the weather be like {date:when} [in
  {place_name:place}] | what's the {date:near's} weather | {place_name:place} weather[
  {date:when}] | how hot will it get {date:when}[ in {place_name:place}] | what's it like outside
  | weather {date:when} | are there any {weather_descriptor:storms} (warnings/alerts)[ in
  {place_name:place}] | will i need {weather_descriptor:wear} {date:when} | which day will be
  {weather_descriptor:feels} [{date:near}] | weather for the {time:span} | how is the weather on
  {date:weekday} {timeofday:part} | do you think it will be {weather_descriptor:feels} {date:near}
  | (weather/weather please/forecast/weather report/weather update/temperature) | (is/was) it
  (raining/snowing) (outside/now/there) | what's the {weather_descriptor=temperature}
  (outside/{date=today}/right now) | how's it looking outside | what is it like in
  {place_name:place}[ {date:near}] | (do/will) i need to (bring/wear/take) (a/an/my)
  {weather_descriptor:wear}[ {date:when}] | is it (a good day/nice enough) (for a walk/to go to
  the beach/for golf) | can i (wear/leave without) (a/my) {weather_descriptor:wear} {date:near} |
  (what/how much) {weather_descriptor:fallen} (is expected/will we get/are we getting) {date:when}
  | (when/what time) will (it/the) {weather_descriptor:falls} (stop/start/end)[ {date:near}] | is
  (a/any) {weather_descriptor:storms} coming[ {date:near}] | what is the chance of
  {weather_descriptor:fallen}[ in {place_name:place}] | how {weather_descriptor:feels} is
  {place_name:place}[ {date:near}] | is it {weather_descriptor:feels} in {place_name:place} |
  {weather_descriptor:feels} {date:near} | any {weather_descriptor:fallen} {date:when} | will
  {date:weekday} be {weather_descriptor:feels} | what are the (highs/lows/conditions) (for/in)
  {place_name:place}[ {date:near}] | (tell/show/give) me the {date:near's} (forecast/weather)[ in
  {place_name:place}] | (tell/show) me the weather in {place_name:place} | (check/get/look up) the
  (weather/forecast)[ (in/for) {place_name:place}][ {date:when}] | how will the weather be
  {date:when} | weather (this/{date=tomorrow}) {timeofday:part} | will it be
  {weather_descriptor:feels} this {timeofday:part} | should i expect {weather_descriptor:fallen}
  {date:when} | is the weather (good/bad/nice) in {place_name:place} | what's the
  {weather_descriptor=humidity}[ in {place_name:place}][ {date:near}] | what is the
  {weather_descriptor=wind speed}[ in {place_name:place}] | how does the week look | what should i
  wear {date:near} | does it look like {weather_descriptor:fallen}[ {date:near}] | will it
  {weather_descriptor:falls} in the next {time:while} | weather at {time:clock}[ {date:near}] | is
  it going to be {weather_descriptor:feels} enough {date:near} | weather {timeofday=tonight}[ in
  {place_name:place}] | will it {weather_descriptor:falls} {timeofday=tonight} | how cold will it
  get {timeofday=tonight} | will it be {weather_descriptor:feels} {timeofday=tonight}
news_query | (what's/what is) the latest[ news] (on/about/in/from) {news_topic:topics} |
  (tell/give/show/ read) me (the/the latest) {news_topic:topics} news | [read/open/show me/get]
  the (headlines/news/top stories) from {media_type:paper} | what's (happening/going on) in
  {place_name:place} | any news (about/ on) {person:people} | what's new (in/with)
  {news_topic:topics} | (show me/get/find) (articles/news/ stories/updates) (about/on)
  {news_topic:topics} | what did {person:people} (do/say/tweet)[ {date:ago}] | (what's/what is) in
  the news[ {date:ago}] | read me {date:ago's} (news/headlines) | {media_type:paper}
  [news/headlines] | {news_topic:topics} | what does {media_type:paper} say about
  {news_topic:topics} | (latest/breaking) news[ from {place_name:place}/ from {media_type:paper}]
  | news about {news_topic:topics}[ in {place_name:place}] | what are the (top stories/headlines)
  on {media_type:paper} | alert me about {news_topic:topics} | keep me (updated/posted) on
  {news_topic:topics} | tell me what happened with {news_topic:topics}[ {date:ago}] | what's the
  news in {place_name:place} | check {media_type:paper} for {news_topic:topics} | what are people
  saying about {person:people} | is there (any/any new) news on {news_topic:topics} |
  (read/show/give) me the news for the {time:span} | (show me/i want/read) {media_type:paper}[
  news/ headlines] | what are the latest headlines (from/on) {media_type:paper} | (the/give me
  the) newest {media_type:paper} | what is {media_type:paper} reporting[ {date:ago}] | (open/go
  to) {media_type:paper}[ website] | the latest on {news_topic:topics} | (give me/tell me/i want)
  (an update/the update/updates) (on/about) {news_topic:topics} | (what/is) (anything new/new)
  with {news_topic:topics} | how (is/did) {news_topic:topics} (going/go)[ {date:ago}] | has
  (anything/something) happened (with/in) {news_topic:topics}[ {date:ago}] | (find out/tell me)
  what (is going on/happened) (in/with) {news_topic:topics} | i (heard about/want to hear about/am
  interested in) {news_topic:topics}[ tell me more] | notify me (of/when there is) (any/new) news
  (on/about) {news_topic:topics} | set an alert for {news_topic:topics} | any
  (breaking/important/local/big/good) news[ {date:ago}] | (what's/is there any) breaking news |
  top (news/stories)[ of the day/ {date:ago}] | {date=today's} headlines please | what
  (happened/is happening) in the {place_name=world} {date:ago} | what is (trending/hot/ making
  news)[ {date:ago}] | what did i miss[ in the news/ {date:ago}] | update me[ on the news] | brief
  me | (news/news please/headlines/latest headlines/world news please/current events) |
  (read/show) (the/me the) (first/top/last) (headline/article/story)[ from {media_type:paper}] |
  (get/pull up/bring up/open up) {media_type:paper}[ for me] | search {media_type:paper} for (news
  on ){news_topic:topics} | what is on (the front page of ){media_type:paper} | does
  {media_type:paper} have anything (on/about) {news_topic:topics} | turn on {media_type:paper} |
  find (the/an) article (about/on) {news_topic:topics}[ in {media_type:paper}] | i would like to
  (read/hear) the (news/headlines) from {media_type:paper} | (local/weather/sports) news (in/for)
  {place_name:place} | how are things in {place_name:place} | what's the situation in
  {place_name:place}[ {date:ago}] | is everything okay in {place_name:place} | what is
  {person:people} (saying/up to/doing) (about/on) {news_topic:topics} | what has {person:people}
  (done/said/tweeted)[ {date:ago}] | latest (on/about) {person:people} | how is {person:people}
  (doing in the polls/doing) | who is (winning/leading/ahead in) the {news_topic:race} | who won
  the {news_topic:race}[ {date:ago}] | what is the score of the {news_topic:race} | results of the
  {news_topic:race} | how did the {news_topic:company} (case/merger/launch) go | is there news
  (about/on) {news_topic:company}
qa_factoid | (who is/who was/tell me about/what do you know about) {person:people} | how
  (old/tall/rich) is {person:people} | (when was/where was) {person:people} born | (when did/how
  did) {person:people} die | what is {person:people's} (birthday/net worth/age/real name/height) |
  who is {person:people} married to | where is {place_name:far} | what is the
  (population/capital/area/size/currency) of {place_name:land} | how (big/far/ large) is
  {place_name:far} | how far is {place_name:far} from {place_name:far} | what language do they
  speak in {place_name:land} | who is the (president/prime minister/king) of {place_name:land} |
  how many people live in {place_name:land} | (how tall/how old/where) is the {place_name:wonders}
  | when was the {place_name:wonders} built | who (wrote/directed/sang/made) {:works} | how many
  (planets/states/oceans/ continents/bones/days in a year) are there | what is the (tallest
  building/longest river/biggest ocean/ smallest country/fastest animal) in the world | who
  (invented/discovered) the {:words} | when did the {:wars} (start/end) | how many children does
  {person:people} have | what (movies/songs/awards) did {person:people} (make/win) | where does
  {person:people} live | what is {person:people} famous for | does {person:people} have
  (kids/children/a wife) | facts about {place_name:land} | is {person:people} (dead/alive/single)
  | how (cold/ hot) is the (sun/moon) | why is the sky blue | what do {:beasts} eat | how long do
  {:beasts} live | who won the {:prizes} [{date:when}] | what time zone is {place_name:land} in |
  how (tall/fast/heavy/big) is (a/an) {:beasts} | who (is/was) in {artist_name:artist} | how many
  (albums/grammys) does {artist_name:artist} have | where was {artist_name:artist} born | what is
  the distance between (the earth and the moon/the sun and mars) | how far away is (the moon/the
  sun/mars) | (show/find) [me ](info/facts/information) (on/about) {person:people} | what is the
  (weather like/religion/flag/national anthem/main export) (in/of) {place_name:land} | which
  (continent/country) is {place_name:far} in | what (country/state/ continent) is
  {place_name:place} in | where (can i find/exactly is/on the map is) {place_name:far} | show[ me]
  {place_name:far} on (the/a) map | what is the (elevation/latitude/
  location/climate/history/gdp/altitude) of {place_name:far} | how (deep/long/wide/old) is
  {place_name:waters} | which is (longer/bigger) {place_name:waters} or {place_name:waters} | what
  (mountains/rivers/cities) are in {place_name:land} | what is {place_name:land} (known for/famous
  for/like) | (tell me/give me) (a fact/something/a few facts) about {place_name:land} | (who
  is/name) the (mayor/governor/leader/ruler) of {place_name:place} | how many
  (states/islands/people/cities) (are there in/does) {place_name:land}[ have] | what is the
  geography of {place_name:land} | is {place_name:place} (in/near/bigger than) {place_name:place}
  | (what/which) countries (border/are next to) {place_name:land} | how (do i get/long does it
  take) from {place_name:land} to {place_name:land} | when did {place_name:land} (become
  independent/join the eu/win the world cup) | what (year/day) (did/was) {person:people} (die/
  born/get married) | what (college/school) did {person:people} (go to/attend) | how (much is/rich
  is) {person:people} (worth/now) | what is {person:people's} (middle name/wife's
  name/nationality/zodiac sign/latest movie/religion/hometown) | who (is/was) {person:people's}
  (wife/husband/mother/father/girlfriend) | is {person:people} (still alive/a good actor/from
  {place_name:land}/rich/left handed) | was {person:people} ever (married/president/in jail) |
  where did {person:people} (grow up/go to school/die/come from) | what did {person:people}
  (invent/discover/write/do for a living) | what (movies/films/shows) (is/was/has) {person:people}
  (been in/in) | how many (movies/oscars/kids/books/wives/houses) does {person:people} have | what
  is {person:people} doing (now/these days) | i (want/would like/need) to know (about/more
  about/how old is) {person:people} | (give me/get/look up/pull up) (information/details/the
  biography/some facts/everything) (on/about) {person:people} | search (for/wikipedia for/google
  for) {person:people} | the (age/height/birthday/bio) of {person:people} | {person:people}
  (age/birthday/net worth/biography/wiki) | {person:people} | how (tall/old) {person:people} is |
  what happened to {person:people} | when is {person:people's} {event_name=birthday} | who
  (is/was) the (first/second/last/current) (president/man on the moon/person to fly/king/pope) |
  who is the (richest/tallest/oldest/fastest) (person/man/woman)[ alive/ in the world/ on earth] |
  who is the (ceo/founder/owner) of {:company} | who (painted/composed/designed) the {:works} |
  when was {:company} founded | what (is/was) the
  (largest/smallest/deepest/highest/oldest/hottest/coldest) (city/lake/mountain/desert/animal/
  planet/place/country)[ on earth/ in the world/ in {place_name:land}] | how many (feet in a
  mile/ounces in a cup/legs does a spider have/teeth do we have/weeks in a year/colors in a
  rainbow/sides on a cube/letters in the alphabet) | how (many/much) (sugar/fat/protein) (is in/
  does) (a/an) {:dishes}[ have] | what (color/shape/temperature) is (the sky/the sun/mars/blood/an
  egg/a stop sign) | what is (the speed of light/the boiling point of water/gravity/dna/air/
  gold/glass) (made of/made from) | how (is/are) (glass/paper/steel/cheese/clouds/diamonds/
  mountains) (made/formed) | why (is the ocean/is grass/are leaves/do cats) (blue/green/salty/
  purr) | why do (leaves change color/we yawn/birds sing/dogs bark/stars twinkle) | how does (a
  plane fly/the internet work/a battery work/the heart work/electricity work) | what (causes/is
  the cause of) (rain/thunder/earthquakes/cancer/a rainbow/the tides) | do (cats/dogs/fish/
  plants/snakes) (dream/sleep/have ears/see color) | can (dogs/cats/humans) eat
  (chocolate/grapes/onions/fish/grass) | what is the (lifespan/top speed/average weight) of (a/an)
  {:beasts} | what sound (do/does) {:beasts} make | when (was/did) the (telephone/car/titanic/
  internet/{:wars}) (invented/sink/begin/happen/made) | who (fought in/won/started) the {:wars} |
  how long did the {:wars} last | when is (labor day/the next full moon/the next eclipse/the next
  election/summer) | what time does (the sun set/the sun rise/{:company} open/{:company} close)[
  {date=today}] | when does (the season start/school start/winter end/daylight savings end) | what
  (language/religion) has the most (speakers/followers) | which (planet is the biggest/planet is
  closest to the sun/animal sleeps the most/country has the most people/state is the smallest) |
  what is the (chemical symbol for gold/formula for water/capital of the moon/atomic number of
  iron) | who plays (the joker/batman/james bond/the lead) in {:films} | who (starred/ acted) in
  {:films} | when (was/did) {:films} (released/come out) | how long is {:films} | what is the plot
  of {:films} | who (leads/is the singer of/ plays drums in) {artist_name:artist} | is
  {artist_name:artist} (on tour/still together/touring) | how old is {artist_name:artist} | when
  did {artist_name:artist} (start/break up/die) | ask google (who is {person:people}/where is
  {place_name:far}) | find out (who {person:people} is/ how old {person:people} is/where
  {place_name:far} is) | do you know (who {person:people} is/how old {person:people} is/the
  capital of {place_name:land})
qa_definition | define {definition_word:words} | what is (a/an/the definition of/the meaning of)
  {definition_word:words} | what does {definition_word:words} mean | (what's/give me/tell me/find)
  the (definition/meaning) (of/for) {definition_word:words} | (describe/explain) [a/an
  ]{definition_word:words} | meaning of {definition_word:words} | {definition_word:words}
  (definition/meaning) | how do you define {definition_word:words} | look up [the word
  ]{definition_word:words}[ in the dictionary] | what (are/is) {definition_word:words} | what does
  a {definition_word:words} look like | can you (define/describe/explain) {definition_word:words}[
  for me/ to me] | tell me (about/what) [a/an ]{definition_word:words}[ is] | what is the meaning
  of the word {definition_word:words} | details of {definition_word:words} | (what's/what is)
  (a/an/the) {definition_word:words} | what do you (mean by/know about/call) (a
  ){definition_word:words} | (give/tell) me (details/information/more) (on/about)
  {definition_word:words} | (describe/define/explain) {definition_word:words}[ to me/ for me/
  please] | (find/get/search) (the definition/the meaning/details) of (the word
  ){definition_word:words} | what (kind of thing/type of thing) is (a ){definition_word:words} |
  {definition_word:words} (means what/description/explanation) | what is meant by
  {definition_word:words} | the (definition/meaning) of {definition_word:words} | i (want/need) to
  know what {definition_word:words} (is/means) | can you tell me what {definition_word:words}
  (is/means) | what are the (features/characteristics/parts/uses) of (a/an)
  {definition_word:words} | what is the (synonym/opposite/origin) of {definition_word:words} | how
  (would you/can you) (describe/explain) {definition_word:words} | what is {definition_word:words}
  used for
qa_currency | (what's/what is) the exchange rate (between/of/for) {currency_name:currencies}
  (and/to) {currency_name:currencies} | how (much is/many) {currency_name:currencies} (in/to)
  {currency_name:currencies} | convert [{:few} ]{currency_name:currencies} (to/into)
  {currency_name:currencies} | what is[ the] {currency_name:currencies} worth[ in
  {currency_name:currencies}] | {currency_name:currencies} to {currency_name:currencies} | how
  much is {:few} {currency_name:currencies} in {currency_name:currencies} | what is the
  (value/rate) of the {currency_name:currencies}[ {date:ago}] | what currency is used in
  {place_name:land} | (exchange rate/currency rates/convert money/exchange rates/currency) |
  (what's/tell me/give me) the (rate/conversion/conversion rate/exchange) (of/for/from)
  {currency_name:currencies}[ to {currency_name:currencies}] | how (strong/weak) is the
  {currency_name:currencies}[ {date:ago}] | (is/are) the {currency_name:currencies}
  (up/down/stronger than the {currency_name:currencies})[ {date:ago}] | how much (would/will) (i
  get/it be) (in/for) {currency_name:currencies} | {:few} {currency_name:currencies} (in/to/into)
  {currency_name:currencies} | what can i get for {:few} {currency_name:currencies} |
  (change/exchange) {:few} {currency_name:currencies} (for/into/to) {currency_name:currencies} |
  how many {currency_name:currencies} (for a/make a/are in one) {currency_name:currencies} | what
  is one {currency_name:currencies} (in/worth in) {currency_name:currencies} | what is the
  currency (of/in) {place_name:land} | value of {currency_name:currencies}[ {date:ago}] | how does
  the {currency_name:currencies} compare to the {currency_name:currencies} | what will {:few}
  {currency_name:currencies} be in {place_name:land}
qa_stock | (what's/what is) the (stock price/share price/price/value) of {business_name:company}[
  stock][ {date:ago}] | how (is/are) {business_name:company} (stock/stocks/shares)[ doing][
  {date:ago}] | (check/show me/give me/tell me) [the ]{business_name:company} (stock/stock
  price/shares) | {business_name:company} stock[ price] | how much is (a share of
  {business_name:company}/{business_name:company} stock) | did {business_name:company} (stock go
  up/shares go down)[ {date:ago}] | how is the stock market[ doing][ {date:ago}] | what is
  {business_name:company} trading at | should i (buy/sell) {business_name:company}[ stock] |
  (stocks/stock prices/stock market/my stocks/the dow/market update) | (what's/how much is)
  {business_name:company} (at/worth/selling for)[ {date:ago}] | {business_name:company}
  (price/shares/stock quote/quote)[ {date:ago}] | (tell me/give me/find/get/look up) the
  (price/stock price/value/share value) (of/for) {business_name:company} | how (did/has)
  {business_name:company} (do/done/close/perform)[ {date:ago}] | is {business_name:company}
  (up/down/a good buy)[ {date:ago}] | what (are/is) the (stock/price) (for/of)
  {business_name:company}[ right now] | where is {business_name:company} (stock )at[ {date:ago}] |
  what was {business_name:company} (at/worth) {date:ago} | what is the (high/low/opening
  price/closing price) (of/for) {business_name:company} | which stocks are (up/down)[ {date:ago}]
  | are {business_name:company} shares (rising/falling) | how many (shares of
  {business_name:company} do i own/points did the dow lose) | compare {business_name:company} and
  {business_name:company}[ stock]
qa_maths | what is {:few} (plus/minus/times/divided by) {:few} | (add/multiply) {:few} (and/by)
  {:few} | what is the square root of {:few} | how much is {:few} percent of {:few} | {:few}
  (plus/times/minus) {:few} | divide {:few} by {:few} | solve {:few} (plus/minus) {:few} |
  calculate {:few} times {:few} | what's {:few} squared | subtract {:few} from {:few} | what is
  {:few} to the power of {:few} | what is the (sum/product) of {:few} and {:few} |
  (compute/calculate/solve/work out) {:few} (plus/minus/times/divided by) {:few} | {:few}
  (and/divided by/multiplied by/over) {:few} | (what's/how much is) {:few} and {:few} | how many
  times does {:few} go into {:few} | what is {:few} percent of {:few} | what is half of {:few} |
  (double/triple) {:few} | (do some math/i have a math problem/open the calculator/help me with
  math) | {:few} squared | what is the (difference between/average of/remainder of) {:few} and
  {:few} | round {:few} | is {:few} (a prime number/even/bigger than {:few}) | if i have {:few}
  apples and eat {:few} how many are left | what do i get if i (add/subtract) {:few} (and/from)
  {:few}
general_joke | tell me a[ joke/ {joke_type:jokes} joke] | (do you know/say/give me) (a joke/any
  jokes/any {joke_type:jokes} jokes) | make me laugh | tell me a joke about {joke_type:beasts} | i
  want to hear a[ {joke_type:jokes}] joke | (joke/joke please/jokes/another joke/tell another
  joke/more jokes/be funny/humor me/crack a joke/entertain me with a joke) | (tell/give/read) me
  (something {joke_type=funny}/a {joke_type:jokes} one/another {joke_type:jokes} joke) | (do you
  know/got) any ({joke_type=good} )jokes about {joke_type:beasts} | (say/do) something
  {joke_type=funny} | what's (a/your/the) {joke_type:jokes} joke | i (need/could use) a
  (laugh/{joke_type:jokes} joke) | why did the chicken cross the road
general_greet | (hello/hi/hey/good morning/good evening/hi there/hey there/greetings)[ olly/
  there] | how are you[ today/ doing] | (hey/hi/hello/yo/good afternoon/good day/howdy/what's
  up/sup)[ olly/ buddy/ everyone] | (nice to meet you/how do you do/how's it going/how are things)
  | say (hi/hello)[ to (my {:relations}/everyone)]
general_quirky | how are you (feeling/doing) {date=today} | what (is your name/are you/do you
  think of me/can you do/do you like) | do you (love me/like {:dishes}/dream/have feelings/believe
  in god/know {:apps}) | (i am/i'm) (bored/lonely/happy/hungry/tired/in love) | what is the
  meaning of life | tell me (something/a story/a secret/a fun fact/a poem/something interesting) |
  what's your favorite (color/movie/song/food/book) | i had (a great/a bad/a long) day
  {date=today} | (i went/we went) to the {:shops} {date:near} | what should i (wear/say/do with my
  life) | who do you (love/like/work for) | (sing/dance)[ for me] | are you (human/a
  robot/alive/smart/listening) | i (love/hate) {:dishes} | my {relation:relations} is
  (mean/great/sick) {date:near} | why am i so (tired/sad/hungry) | how can i (lose weight/make
  friends/get rich/sleep better/be happy) | what do you think (about/of) {:topics} | do aliens
  exist | should i (quit my job/buy a house/call {person:name}) | how was your day {date=today} |
  say something (nice/funny/smart) | open (the door/settings/my files) | (search/google) {:words}
  | is {person:people} (hot/smart/funny) | that's (nice/weird/too bad/great) | (how was/how did)
  your (day/week/night/weekend)[ go] | (tell me/let me tell you) about your day | did you (sleep
  well/miss me/have a good day/eat) | how are you feeling | where (are you from/do you live/were
  you made) | who (made/created/built/programmed) you | when is your birthday | how old are you |
  are you (married/single/busy/awake/there/okay/tired/mad at me/a girl/a man) | do you have (a
  family/any friends/a brain/a soul/a job/a hobby) | can you (cook/dance/drive/swim/read my
  mind/keep a secret/hear me/see me/learn/think) | what makes you (happy/sad/laugh/angry) | what
  did you (do/eat/dream of) {date:ago} | what are you (doing/wearing/thinking/thinking about) |
  what is on your mind {date=today} | do you want to (be my friend/go out with me/play with
  me/rule the world) | will you (marry me/help me/be my friend/do my homework/clean my room) | you
  are (funny/smart/so nice/stupid/annoying/the best) | i (think i love/hate/like/missed) you | i
  feel (sick/sad/great/lonely/terrible/old) {date=today} | i'm feeling (down/blue/good/under the
  weather) | i am (stressed/exhausted/excited/worried/ confused/getting married/home/back) | i (am
  tired from/hate/love/quit) (work/my job/school) | (it was/what) a
  (busy/crazy/long/hectic/wonderful/horrible) (day/week/morning) | work was
  (hard/awful/busy/boring) {date=today} | my (day/weekend/trip/meeting/date) was
  (good/terrible/fun/so busy/relaxing) | i had (lunch/dinner/coffee/drinks) with my
  {relation:relations} {date:ago} | i met (someone/an old friend/{person:name}) {date:ago} | i
  (watched/saw/read) a (great/terrible/long) (movie/book/game) {date:ago} | i got (a raise/fired/a
  new job/a puppy/lost/bad news) {date:ago} | my (cat/dog/car/phone/computer) (died/is sick/broke
  down/is broken) | guess what (happened/i did) {date:ago} | can i (ask you something/tell you a
  secret/talk to you/tell you about my day) | let's (talk/chat/have some fun/get started) | talk
  to me | entertain me | cheer me up | surprise me | inspire me | impress me | tell me (a
  riddle/something i don't know/a fairy tale/a tongue twister/a quote/good news/your opinion) |
  (say/read/write) (a poem/a prayer/a quote/something in french)[ for me] | (give me/i need) some
  (advice/motivation/ideas/inspiration/company) | give me (a tip/a compliment/an idea/a fact of
  the day) | what (would/should) i (do/wear/eat/buy/read/watch) {date=today} | what should i get
  my {relation:relations} for (christmas/his birthday/our anniversary) | how do i (tie a tie/
  change a tire/get a girlfriend/remove a stain/get to sleep/stop snoring/write a resume/ask for a
  raise/save money/boil water/lose ten pounds/impress my {relation:relations}) | how can i (learn
  {:speech}/become famous/make more money/fix my (phone/car/sink)/help the planet/quit smoking) |
  (teach/help) me (to dance/with my homework/to relax/with my taxes/to meditate/find my keys) |
  what is the (secret of/key to) (happiness/success/a long life) | why do (people/men/women/we/
  {:beasts}) (lie/dream/fall in love/fight/snore/cry) | why is (life/love/school/everything) so
  (hard/unfair/expensive/boring) | why (did/didn't) (he/she/they) (leave/call me/say that) | is
  (there life after death/love real/the earth flat/santa real/time travel possible/there a god) |
  what happens (when we die/if i press this/in the end) | what if (i am wrong/the sun goes out/it
  never ends) | what came first the chicken or the egg | will i (be rich/get the job/find love/win
  the lottery) | who (will win/is going to win) (the game/the election/the super bowl) | can
  {:beasts} (fly/swim/talk/see in the dark) | how many (calories/miles/steps) did i
  (burn/walk/run) {date:ago} | how many calories are in (a/an) {:dishes} | how much (should i
  weigh/sleep do i need/does it cost/water should i drink) | am i (fat/late/pretty/normal/going to
  die) | do i (look good/need a haircut/need my tires checked/have cancer) | what is my (name/ip
  address/favorite color/horoscope/future/blood type/password) | who am i | where (am i/is my
  phone/are my keys/did i park/was i {date:ago}) | do you know (me/my name/where i live/ who i am)
  | remember (that my name is/i live in/my favorite color is) | (find/buy/order) me (a gift/new
  shoes/a cheap laptop/headphones/a dress/a phone case) | i want to buy (a new car/a
  house/shoes/some headphones/a {:pet}) | (compare/check) the (price/prices) of (milk/tvs/laptops/
  flights/phones) | (best/cheapest/latest) (phone/laptop/gadgets/tablet/camera)[ to buy/ reviews]
  | {:company} (deals/coupons/sale) | what's on (tv/netflix/the other channel)[ tonight] | is
  there anything good on tv | turn on the (movie/game/tv show) | (show me/find) (pictures/photos/
  videos) of (cats/{:beasts}/my family/{person:people}/the moon) | (show/open) me (the
  map/wikipedia/the internet/my photos/my documents) | (open/close/start) (the browser/the
  camera/the calculator/the app/the garage) | (call/text/facetime) (my {relation:relations}/
  911/someone) | (translate/say) (hello/thank you/good night) (to/in) {:speech} | how do you say
  (hello/thank you/i love you) in {:speech} | (spell/pronounce) {:words} | (flip a coin/roll the
  dice/pick a number/count to ten/sing happy birthday/knock knock/beam me up) | (test/testing/
  wake up/help/cancel that/undo/nothing/whatever/nevermind/wow/cool/really/why not/good night/
  goodbye/see you later/thanks anyway) | (what/who/why/when/where/how come) | tell me more[ about
  (this/it/that/him/her/the {event_name:fair})] | (is/was) (that/it/this) (true/right/you/real) |
  i (don't know/changed my mind/don't understand/need help/have a question/have a problem) | (read
  my/what is my) horoscope[ {date=today}] | what is {person:people} (doing/up to/wearing)[
  {date=today}] | give me the latest on the life of {person:people} | (gossip/rumors) about
  {person:people} | i want to know more about (this/that person/the {event_name:fair}/the world) |
  (did/has) {person:name} (leave/arrive/come home/join the {event_name:fair})[ {date:ago}] | who
  won the (game/match/fight/race)[ {date:ago}] | what was the score (of the game/{date:ago}) | (do
  my/finish my/help with my) (laundry/homework/dishes) | plan (my day/a trip/a vacation/my
  wedding)[ for me] | what can i (do about it/cook/say/make) | find my (phone/keys/dog/dad) |
  {:words} | {:subject} | what should i (wear/cook/do) {timeofday=tonight} | i am going out
  {timeofday=tonight}
]]
