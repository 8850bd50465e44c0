-- home_talk.lua: more ways to talk to a voice assistant at home, ask it about the world and have it
-- play something. Read as home_requests.lua is; a function may have lines in both.

return [[
general_quirky | (how was/how did) your (day/week/night/weekend)[ go] | (tell me/let me tell you)
  about your day | did you (sleep well/miss me/have a good day/eat) | how are you feeling | where
  (are you from/do you live/were you made) | who (made/created/built/programmed) you | when is
  your birthday | how old are you | are you (married/single/busy/awake/there/okay/tired/mad at
  me/a girl/a man) | do you have (a family/any friends/a brain/a soul/a job/a hobby) | can you
  (cook/dance/drive/swim/read my mind/keep a secret/hear me/see me/learn/think) | what makes you
  (happy/sad/laugh/angry) | what did you (do/eat/dream of) {date:ago} | what are you
  (doing/wearing/thinking/thinking about) | what is on your mind {date=today} | do you want to (be
  my friend/go out with me/play with me/rule the world) | will you (marry me/help me/be my
  friend/do my homework/clean my room) | you are (funny/smart/so nice/stupid/annoying/the best) |
  i (think i love/hate/like/missed) you | i feel (sick/sad/great/lonely/terrible/old) {date=today}
  | i'm feeling (down/blue/good/under the weather) | i am (stressed/exhausted/excited/worried/
  confused/getting married/home/back) | i (am tired from/hate/love/quit) (work/my job/school) |
  (it was/what) a (busy/crazy/long/hectic/wonderful/horrible) (day/week/morning) | work was
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
qa_factoid | what is the (weather like/religion/flag/national anthem/main export) (in/of)
  {place_name:land} | which (continent/country) is {place_name:far} in | what (country/state/
  continent) is {place_name:place} in | where (can i find/exactly is/on the map is)
  {place_name:far} | show[ me] {place_name:far} on (the/a) map | what is the (elevation/latitude/
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
news_query | (give me/tell me/i want) (an update/the update/updates) (on/about)
  {news_topic:topics} | (what/is) (anything new/new) with {news_topic:topics} | how (is/did)
  {news_topic:topics} (going/go)[ {date:ago}] | has (anything/something) happened (with/in)
  {news_topic:topics}[ {date:ago}] | (find out/tell me) what (is going on/happened) (in/with)
  {news_topic:topics} | i (heard about/want to hear about/am interested in) {news_topic:topics}[
  tell me more] | notify me (of/when there is) (any/new) news (on/about) {news_topic:topics} | set
  an alert for {news_topic:topics} | any (breaking/important/local/big/good) news[ {date:ago}] |
  (what's/is there any) breaking news | top (news/stories)[ of the day/ {date:ago}] | today's
  headlines please | what (happened/is happening) in the {place_name=world} {date:ago} | what is
  (trending/hot/ making news)[ {date:ago}] | what did i miss[ in the news/ {date:ago}] | update
  me[ on the news] | brief me | (news/news please/headlines/latest headlines/world news
  please/current events) | (read/show) (the/me the) (first/top/last) (headline/article/story)[
  from {media_type:paper}] | (get/pull up/bring up/open up) {media_type:paper}[ for me] | search
  {media_type:paper} for (news on ){news_topic:topics} | what is on (the front page of
  ){media_type:paper} | does {media_type:paper} have anything (on/about) {news_topic:topics} |
  turn on {media_type:paper} | find (the/an) article (about/on) {news_topic:topics}[ in
  {media_type:paper}] | i would like to (read/hear) the (news/headlines) from {media_type:paper} |
  (local/weather/sports) news (in/for) {place_name:place} | how are things in {place_name:place} |
  what's the situation in {place_name:place}[ {date:ago}] | is everything okay in
  {place_name:place} | what is {person:people} (saying/up to/doing) (about/on) {news_topic:topics}
  | what has {person:people} (done/said/tweeted)[ {date:ago}] | latest (on/about) {person:people}
  | how is {person:people} (doing in the polls/doing) | who is (winning/leading/ahead in) the
  {news_topic:race} | who won the {news_topic:race}[ {date:ago}] | what is the score of the
  {news_topic:race} | results of the {news_topic:race} | how did the {news_topic:company}
  (case/merger/launch) go | is there news (about/on) {news_topic:company}
music_query | (what is/what's) (this/this called/playing/the track) | name (this/that) (song/tune/
  track/singer) | who is (this/this singer/the artist/the composer/on guitar) | (who/which band)
  (made/recorded/performed/covered) (this/this track/this tune) | what (year/album/movie) is this
  (song/track)[ from] | when (was/did) this (song/album) (come out/released) | what genre is this
  | (tell/give/show) me the (name/title/lyrics/artist/singer) of (this/the current/that) (song/
  track) | what (am i/are we) listening to | identify this (song/music) | is this
  {artist_name:artist} | (what are/show me/read) the lyrics (to/of/for) {song_name:songs} | who
  (wrote/composed/ recorded) {song_name:songs} | what (year/album) (was/is) {song_name:songs}
  (released/on) | which {artist_name:artist} (songs/albums) (do i own/are in my library/are
  popular) | show me (all/my) {artist_name:artist} (songs/albums) | list (my/all the)
  {music_genre:genres} songs | how many songs (do i have/are on my phone/are in my playlist) |
  what (playlists do i have/is in my playlist/is on my playlist) | what is my (favorite/most
  played) (song/artist/genre/band) | what (music/kind of music/songs) do i (like/listen to/have) |
  what is the (number one/most popular/ top) song[ {date:ago}] | how long is this song |
  (find/search for/look up) {music_genre:genres} music | what did i (listen to/play) {date:ago} |
  what was the (last/previous) song | what comes (next/after this) | show me (the queue/my
  music/my songs/what is playing)
play_podcasts | (play/start/resume/continue) (my/the/this/that/a) podcast | put on a podcast | i
  want to (hear/listen to) a podcast[ about {podcast_descriptor:topics}] | what podcasts (do i
  have/are new/are popular/should i listen to) | (list/show[ me]) (my/all/all my) podcasts |
  podcast (please/now) | (find/search for/look for) {podcast_name:podcasts} | (subscribe/
  unsubscribe) (to/from) {podcast_name:podcasts} | (play/put on) {podcast_name:podcasts} from
  {date:ago} | play {date:ago's} {podcast_name:podcasts} | play {date:ago's} podcast | i missed
  {podcast_name:podcasts} {date:ago} play it | (play/start) the {podcast_descriptor:episode}
  (from/of) {podcast_name:podcasts}[ please] | {podcast_name:podcasts}
  {podcast_descriptor:episode} | (go/skip/jump/move) (back to/to/ahead to) the
  {podcast_descriptor:episode} | is there a {podcast_descriptor=new episode} | any
  {podcast_descriptor=new episodes} (of/from) {podcast_name:podcasts} |
  {podcast_descriptor:episode}[ please] | what is the {podcast_descriptor:episode} about |
  download the {podcast_descriptor:episode} | (play/find) me some {podcast_descriptor:sorts}
  podcasts | {podcast_descriptor:sorts} podcasts (please/now) | i like podcasts (about/on)
  {podcast_descriptor:topics} | can you (play/find) a good podcast | turn on
  {podcast_name:podcasts} | open {podcast_name:podcasts} on {:apps} | play {podcast_name:podcasts}
  with {person:people} | what is new on {podcast_name:podcasts} | who is on
  {podcast_name:podcasts} {date:near} | how many episodes of {podcast_name:podcasts} are there |
  (stop/pause) (this/the) podcast | play that (episode/podcast) again
play_radio | (turn/switch) (the/my) radio on | (radio on/radio please/start the radio/open the
  radio/i want the radio/let's listen to the radio) | put (the radio/{radio_name:station}) on | is
  {radio_name:station} on | (listen to/let me hear/let's hear/give me/switch to/go to)
  {radio_name:station} | (set/change) the radio to {radio_name:station} | (open/start)
  {radio_name:station} (on/from/through) {app_name:apps} | play the {radio_name:station} station |
  what is (on/playing on) {radio_name:station}[ {date=today}] | is there any {music_genre:genres}
  on the radio | find a {music_genre:genres} station | (play/tune into) my favorite (station/radio
  station/channel) | next station | change (the station/the channel) | (play/find) the
  {radio_name:airs}[ on the radio] | turn on the {radio_name:airs} | play {person:people} (show/
  radio) | play {radio_name:station} in the {house_place:rooms} | play {person:people} radio |
  play the radio at {time:clock} | wake me with {radio_name:station}
play_audiobook | (play/open/read/continue/resume) (my/the/this) (book/story/novel) | read me a
  (story/book) | where did i (stop/leave off) in {audiobook_name:books} | (go back/skip/jump) (to
  chapter {:few}/one chapter/a page/ten minutes)[ in {audiobook_name:books}] | (what/which)
  {media_type=audiobooks} do i have | (find/get/download/buy) {audiobook_name:books}[ on/ from
  {app_name=audible}] | (play/put on) {audiobook_name:books} (from the beginning/from chapter
  {:few}/at chapter {:few}) | {player_setting:go_on} my {media_type=audio book} | keep reading |
  {player_setting:go_on} where (i/we) (left off/stopped) | {player_setting:go_on} the last
  {media_type=audiobook} | {player_setting:go_on} {audiobook_name:books} by
  {audiobook_author:authors} | play something by {audiobook_author:authors} | i want to (continue/
  finish) {audiobook_name:books} | i would like to hear {audiobook_name:books} | let's (listen
  to/hear/finish) {audiobook_name:books} | can you read[ me] {audiobook_name:books} | listen to
  (my/an) {media_type=audiobook} | open {app_name=audible} | turn on my {media_type=audiobook} |
  {audiobook_name:books} {media_type=audiobook} please | play the {media_type=audiobook}
  {audiobook_name:books} again
music_likeness | (this/that) (song/tune/track) is (great/awesome/my jam/so good/beautiful/
  amazing) | (good/great/nice) (song/music/choice/tune) | (i/i really) (like/love/adore) (this/
  that/it/this one/this music/this album/this band) | (remember/note/save) that i (like/love)
  ({artist_name:artist}/{music_genre:genres}/{song_name:songs}) | {artist_name:artist} is
  (great/my favorite/amazing/the best) | my favorite (artist/singer/band) is {artist_name:artist}
  | my favorite song is {song_name:songs}[ by {artist_name:artist}] | my favorite (genre/music) is
  {music_genre:genres} | (mark/set) this as (a favorite/liked/my favorite) | (add/put) this (song/
  track/one) (to/in/on) my (favorites/playlist/library/favourites) | (thumbs up/five stars/one
  star)[ for this song] | (rate/give) this song (five stars/a five/ten out of ten) | i can't stop
  listening to (this/{song_name:songs}) | i am a (big/huge) fan of ({artist_name:artist}/
  {music_genre:genres}) | i (prefer/enjoy/am into) {music_genre:genres}[ music] | i like songs
  (by/from) {artist_name:artist} | {song_name:songs} is (a great song/my favorite) | what a song |
  this is (nice/good music/a classic)
]]
