-- home_requests.lua: what people ask a voice assistant at home for, and how; home.lua says how a
-- line is read.
--
-- Invariant: arguments are marked as in nlu_home, whose functions these are: without what goes
--   before them (my, the, next, in, at), a day and its morning apart.

return [[
calendar_set | [please ](set/add/create/put/schedule/make) [a/an/my ]{event_name:event}[ with
  {person:name}] (for/on) [next/this ]{date:day}[ at {time:clock}][ (to/in/on) my calendar] |
  (remind me/give me a reminder/notify me/alert me) (about/of) [my/the/our ]{event_name:event}[
  with {person:name}] [on ][next ]{date:day}[ at {time:clock}] | remind me to {event_name:deed}
  [on ]{date:day}[ at {time:clock}] | remind me to {event_name:deed} at {time:clock}[ {date:soon}]
  | remind me to {event_name:deed} in {time:while} | set a reminder (to/for me to)
  {event_name:deed}[ {date:soon}][ at {time:clock}] | set a reminder for {event_name:event}
  {date:soon} at {time:clock} | i have a {event_name:event} (on/next/this) {date:day}[ at
  {time:clock}] remind me | schedule a {event_name=meeting} with {person:name} (on/for)
  {date:day}[ at {time:clock}] | schedule a {event_name=meeting} with my {relation:relations}
  {date:soon}[ at {time:clock}] | (create/add) a[ new] (event/reminder/calendar entry/entry) for
  {date:day}[ at {time:clock}] | put {event_name:event} on my calendar for {date:soon} | add
  {person:name's} {event_name=birthday} (to my calendar/to the calendar/on {date:day}) | add
  {event_name:event} to my calendar | don't let me forget (about my {event_name:event}/to
  {event_name:deed})[ {date:soon}] | schedule {event_name:event} at {place_name:place} (on
  {date:day}/{date:soon}) at {time:clock} | repeat this (event/reminder)
  {general_frequency:frequency} | set a {general_frequency:often} reminder (for
  {event_name:event}/to {event_name:deed}) | remind me {general_frequency:frequency} to
  {event_name:deed} | schedule {meal_type:meal} with {person:name} {date:soon}[ at {time:clock}] |
  mark {date:day} as {event_name:event} | {event_name:event} {date:soon} at {time:clock} put it in
  the calendar | make (a note/an appointment) for {event_name:event} on {date:day} | invite
  {person:name} to my {event_name:event}[ on {date:day}] | remind me {time:while} before my
  {event_name:event} | i need a reminder for my {event_name:event}[ at {time:clock}] | book my
  {event_name:event} for {date:day}[ {timeofday:part}] | schedule a {event_name=meeting} with
  {relation:role} {date:soon}[ at {time:clock}] | remind me (of/about) {event_name:event} | set
  (a/an) {event_name:event} for {date:soon} {timeofday:part}
calendar_query | (what's/what is) on my (calendar/schedule/agenda) {date:when} | do i have
  (any/a/an) {event_name:event}[ on/this/next] {date:day} | do i have anything (scheduled/
  planned/going on) {date:when}[ {timeofday:part}] | what do i have (planned/scheduled/coming up)
  {date:when} | when is[ my/the] [next ]{event_name:event} | what time is[ my/the]
  {event_name:event}[ {date:near}] | (what/how many) {event_name:meets} do i have[ {date:when}] |
  am i (free/busy/available)[ on] {date:day}[ at {time:clock}] | am i (free/busy) {date:soon}
  {timeofday:part} | where is[ my/the] {event_name:event}[ {date:near}] | who is (coming
  to/attending/ invited to) (the/my) {event_name:event}[ {date:near}] | (show/tell/list) me my
  {event_name:meets} (for/on) {date:day} | (show me/list/read) (my/all)
  (events/reminders/appointments for)[ {date:when}] | when is {person:name's}
  {event_name=birthday} | is (my/the) {event_name:event} (on/still on) {date:day} | what is my
  (next event/next reminder/schedule) | tell me about (my/the) {event_name:event}[ with
  {person:name}] | what day is (my/the) {event_name:event} | do i have a {event_name=meeting} with
  {person:name}[ {date:near}] | is there anything (on my calendar/on my schedule) between
  {time:clock} and {time:clock}[ {date:near}] | what's happening {date:when} | do i have a
  reminder (set for/about) [my ]{event_name:event} | how long is my {event_name:event} {date:near}
  | what (events/reminders) are there {date:when} | (open/check) my calendar {date:when} | what do
  i have for the {time:span} | what is my {timeofday:part} like {date:soon} | show my
  {event_name:meets} for the {time:span} | when is my {event_name:event} with {person:name}
calendar_remove | (delete/remove/cancel/clear/erase) [my/the ]{event_name:event}[ (on/from/for)
  {date:day}][ at {time:clock}] | (delete/cancel/remove) (my/the/all) (events/appointments)
  {date:when} | (clear/empty) my calendar {date:when} | (remove/delete/cancel) the next (event/
  appointment/reminder)[ from my calendar] | (cancel/delete) my {date:near's} {event_name:event} |
  please (cancel/remove) my {event_name=meeting} with {person:name}[ {date:near}] | take
  {event_name:event} off my calendar | i (can't/am not going to) make it to the {event_name:event}
  so (remove/delete) it | (cancel/delete) my {time:clock} {event_name:event}[ {date:near}] | erase
  all events (in/from) (my/the) calendar | (cancel/remove) {meal_type:meal} with {person:name}
  {date:near} | forget about (the/my) {event_name:event}[ on {date:day}] | (clear/delete) my
  (calendar/schedule/events) for the {time:span} | cancel all {event_name:meets} {date:soon}
play_music | play {artist_name:artist} | play[ some/ any/ me some] (music/songs/something)
  (by/from) {artist_name:artist} | play {song_name:songs} | play {song_name:songs} by
  {artist_name:artist} | play the song {song_name:songs}[ by {artist_name:artist}] | play[ me/
  some/ me some] {music_genre:genres}[ music/ songs] | i want to (hear/listen to) [some
  ]({music_genre:genres}/ {artist_name:artist}/{song_name:songs}) | put on [some
  ]({music_genre:genres}/{artist_name:artist}) | play my {playlist_name:playlist} | start my
  {playlist_name:playlist} | play {playlist_name:playlist} [from my library] | play (my favorite/a
  random/the next/any/a/the latest) song[s/ by {artist_name:artist}] | shuffle[ my]
  {playlist_name:playlist} | play {song_name:songs} on {app_name:apps} | (open/play music
  on/start) {app_name:apps} | play[ me] {music_descriptor:moods} (music/songs) | can you play
  {song_name:songs}[ from {artist_name:artist}] | let's hear {artist_name:artist} | let me hear
  {song_name:songs} | i'd like to listen to {artist_name:artist} | play {artist_name:artist's}
  {song_name:songs} | (start/turn on) [the/some ]music | play (all/only) {artist_name:artist}
  songs | {artist_name:artist} please | could you put {song_name:songs} on[ for me] | listen to
  {song_name:songs} | play {song_name:songs} next | play the newest {artist_name:artist} song |
  play (something/anything) by {artist_name:artist} | play me {artist_name:artist} | i feel like
  {artist_name:artist} | some {artist_name:artist} please | play (top/my top) rated
  {music_genre:genres} songs
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
  to) {media_type:paper}[ website] | the latest on {news_topic:topics}
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
  sun/mars) | (show/find) [me ](info/facts/information) (on/about) {person:people}
qa_definition | define {definition_word:words} | what is (a/an/the definition of/the meaning of)
  {definition_word:words} | what does {definition_word:words} mean | (what's/give me/tell me/find)
  the (definition/meaning) (of/for) {definition_word:words} | (describe/explain) [a/an
  ]{definition_word:words} | meaning of {definition_word:words} | {definition_word:words}
  (definition/meaning) | how do you define {definition_word:words} | look up [the word
  ]{definition_word:words}[ in the dictionary] | what (are/is) {definition_word:words} | what does
  a {definition_word:words} look like | can you (define/describe/explain) {definition_word:words}[
  for me/ to me] | tell me (about/what) [a/an ]{definition_word:words}[ is] | what is the meaning
  of the word {definition_word:words} | details of {definition_word:words}
email_query | (do i have/are there/have i got) any (new emails/emails/new mail)[ from
  {person:name}] | (check/ read/open/show me) my[ new/ latest/ unread] (email/emails/inbox) | did
  {person:name} (email me/reply/write back/respond)[ {date:ago}] | (read/show me/open) the
  (email/last email) from {person:name} | any (new/unread) (emails/messages) from my
  {relation:relations} | did i get (an email/a mail/anything) from {person:name}[ {date:ago}] |
  what (did/does) {person:name's} email say | have i received (an email/emails) from my
  {relation:relations} | (how many/what) (new emails/emails) do i have | do i have emails about
  ({event_name:event}/{:topics}) | show me emails (sent/received) {date:when}[ {timeofday:part}] |
  check if {person:name} has (emailed/replied/written)[ me] | what's new in my
  {email_folder=inbox} | read emails from {business_name:company} | refresh my
  {email_folder=inbox} | let me know when {person:name} (emails me/replies) | did my
  {relation:relations} (email me/reply) | look for the email from {person:name} about my
  {event_name:event} | any emails from {relation:relations} | check for emails from
  {relation:role} | has {business_name:company} (emailed/replied to) me
email_sendemail | (send/write/compose/start/draft) an email to {person:name} | email
  {person:name}[ (that/and say/ saying) i (will be late/am on my way/can't come/am sick/love it)]
  | (send/write) (an email/a mail/a message) to my {relation:relations}[ (about/regarding)
  (the/my) {event_name:event}] | email my {relation:relations} | reply to {person:name}[ that/ and
  say] [i agree/thank you/yes/i will call later] | reply to {person:name's} email | (answer/reply
  to) (the/this/that/my last) email[ from {person:name}] | send {person:name} an email (about/
  regarding) [the/my ]{event_name:event}[ {date:near}] | send an email to {email_address:address}
  | forward (this/ the) email to {person:name} | email {person:name} and {person:name}[ about the
  {event_name:event}] | tell {person:name} by email that i (am busy/need help/said hi) | ask
  {person:name} by email (if/whether) he is coming to the {event_name:event} | i (want/need/would
  like) to (send/write) an email[ to {person:name}] | send the {:papers} to {person:name} | write
  {email_address:address} an email | let my {relation:relations} know by email that i am
  (sick/running late/on vacation) | respond to my {relation:relations's} email | send email to
  {person:name} asking (about/for) the {:papers} | (send/write/start) [an/a/a new ]email to
  {relation:relations}[ saying i love you/ saying hello] | email {relation:relations} that i am
  (late/home/sick) | send an email to {relation:role} about the {:papers} | email {:company}
  (about my bill/that their service is bad/for help) | send [an ]email to {:company}
email_querycontact | (what is/what's/tell me/show me/give me/find) {person:name's}
  {personal_info:facts} | (what is/ what's) my {relation:relations's} {personal_info:facts} | do i
  have {person:name's} {personal_info:facts}[ in my contacts] | what is the {personal_info:facts}
  (of/for) {person:name} | (find/show me/open/look up) {person:name}[ in my contacts] | how
  (can/do) i (reach/contact) {person:name} | where does {person:name} (work/ live) | (show/list)
  [me/all ]my contacts | who is {person:name} | when is {person:name's} {event_name=birthday} |
  call {person:name} | show me the {personal_info:facts} for my {relation:relations}
email_addcontact | add {email_address:address} to my contacts | (save/add) {person:name's}
  (email/email address) to my contacts | (save/add/create) (this/a new) (email/contact)[ to my
  contacts] | add {person:name} to my contacts | put {email_address:address} in my (address
  book/contact list) | save {email_address:address} as {person:name}
datetime_query | what time is it[ now/ right now][ in {place_name:place}] | (what is/what's) the
  (time/current time) in {place_name:place} | (what's/what is) {date=today's} date | what is the
  date {date:near} | what day is {date:day} | what day of the week is {date:monthday} | tell me
  the (time/date) | what (day/date) is it {date=today} | when is {event_name:feast}[ this year] |
  what (month/year) is it | how many days (until/till) {event_name:feast} | is it {date:weekday}
  {date=today} | {place_name:place} time
datetime_convert | (if it is/when it is/it is) {time:clock} in {place_name:place} what time is it
  in {place_name:place} | what is the time difference between {place_name:place} and
  {place_name:place} | convert {time:clock} {time_zone:zones}[ time] to {time_zone:zones} | change
  (the/my) time zone to ({place_name:place}/ {time_zone:zones}) | what time is {time:clock}
  {time_zone:zones} in {time_zone:zones}
alarm_set | (set/create/add/make) an alarm (for/at) {time:clock}[ {date:soon}] | wake me up at
  {time:clock}[ {date:soon}/ {general_frequency:frequency}] | (set/put) [my/the ]alarm for
  {time:clock}[ on {date:weekday}] | set an alarm for {date:soon} {timeofday:part} at {time:clock}
  | set an alarm in {time:while} | (set a/start a) {time:while} (timer/alarm) | alarm {time:clock}
  | i need to (wake/get) up at {time:clock}[ {date:soon}] | wake me in {time:while} | set my
  {alarm_type:alarm} alarm for {time:clock} | set an alarm for {time:clock} to {event_name:deed} |
  (set/i want/i need/make) a {alarm_type=wake up} alarm (for/at) {time:clock}[ {date:soon}]
alarm_query | (what/which) alarms do i have[ set][ for {date:soon}] | (what time is/when is) my[
  next] alarm[ set for] | (show/list/tell) me my alarms | is my alarm (on/set) for {time:clock}[
  {date:soon}] | do i have an alarm (set/on)[ for {time:clock}] | is there an alarm (set/on) for
  {date:soon} {timeofday:part}
alarm_remove | (turn off/cancel/remove/delete/disable) (my/the) {time:clock} alarm[ for
  {date:soon}] | (cancel/ delete/remove) (all/all my/my) alarms[ for {date:soon}] | (stop/turn
  off) the alarm | remove the alarm (for/set for/at) {time:clock}[ {date:soon}] | delete my
  {date:soon} {timeofday:part} alarm
lists_createoradd | add {:groceries}[ and {:groceries}] to (my/the) {list_name:lists} list | put
  {:groceries} on (my/ the) {list_name:lists} list | (create/make/start) (a/a new/me a)
  {list_name:lists} list | (create/make/start) a[ new] list[ for me] | add {event_name:deed} to my
  {list_name=to do} list | i need (to buy {:groceries}/{:groceries}) add it to the
  {list_name:lists} list | new list | open my {list_name:lists} list and add {:groceries} | make a
  list (of/for) {list_name:purpose} | add (this/an item/something) to (my/the)[ {list_name:lists}]
  list
lists_query | what's on my {list_name:lists} list | (read/show me/open/check/find) (my/the)
  {list_name:lists} list | (what/ how many) (items/things) are on my {list_name:lists} list | is
  {:groceries} on my {list_name:lists} list | what lists do i have | (show/read) me (my/all my)
  lists | what do i (have/still have) on my list | tell me what is on the {list_name:lists} list |
  what's next on my {list_name:lists} list | do i have a {list_name:lists} list | what do i need
  to (buy/get)
lists_remove | (remove/delete/take) {:groceries} (from/off) (my/the) {list_name:lists} list |
  (delete/remove/erase/clear) (my/the) {list_name:lists} list | (delete/remove) (the/this/that)
  (list/last item) | delete {:groceries} from the list | take {:groceries} off the list | i don't
  need {:groceries} anymore remove it from my {list_name:lists} list | get rid of my
  {list_name:lists} list | i (bought/have) {:groceries} take it off my {list_name:lists} list
play_radio | (play/turn on/tune to/put on/start/tune in to) {radio_name:station} | (play/turn
  on/start) [the/my ]radio | (play/listen to) {radio_name:station} on {app_name:apps} | change the
  (station/channel) to {radio_name:station} | i want to (listen to/hear) {radio_name:station} |
  play [a/the/some ]{music_genre:genres} (station/radio) | tune the radio to {radio_name:station}
  | turn the radio to {radio_name:station} | find {radio_name:station} | play radio station
  {radio_name:station} | {radio_name:station} please | put {media_type:paper} radio on
play_podcasts | (play/start/put on) [the ]{podcast_name:podcasts}[ podcast] | play the
  {podcast_descriptor:episode} of {podcast_name:podcasts} | i want to (hear/listen to) [the
  podcast ]{podcast_name:podcasts} | (play/skip to) the {podcast_descriptor:episode}[ of this
  podcast/ of the podcast] | find[ me] a podcast (about/on) {podcast_descriptor:topics} | play my
  (favorite/latest) podcast | (download/resume) {podcast_name:podcasts} | play a podcast
  (about/on) {podcast_descriptor:topics} | is there a new episode of {podcast_name:podcasts} | (go
  to/play) the {podcast_descriptor:episode}
play_audiobook | (play/start/read[ me]/open) [the audiobook/the book ]{audiobook_name:books}[ by
  {audiobook_author:authors}] | {player_setting:go_on} [the/my
  ]({media_type=audiobook}/{media_type=audio book}/{audiobook_name:books}) |
  {player_setting:go_on} {audiobook_name:books}[ from where i left off/ where i stopped] | i want
  to (listen to/hear) the {media_type=audiobook} {audiobook_name:books} | play
  {audiobook_name:books} on {app_name=audible} | go to chapter {:few} of {audiobook_name:books} |
  read {audiobook_name:books} (to/for) me | play my {media_type=audiobook} | play the
  {media_type=audiobook} {audiobook_name:books} by {audiobook_author:authors} | continue reading
  {audiobook_name:books}
play_game | (play/start/open/launch) {game_name:games}[ with me/ for me] | let's play[ a game of]
  {game_name:games} | i want to play {game_name:games} | (can/could/would) you play
  {game_name:games} with me | let's play a game | begin {game_name:games} | start a[ new] game of
  {game_name:games} | {game_name:games} | load my {game_name:games} game | how about a game of
  {game_name:games}
music_query | (what/which) song is (this/playing)[ now] | who (sings/wrote/is singing) this[ song]
  | what is the (name/title) of this song | what album is {song_name:songs} (on/from) | who sings
  {song_name:songs} | (which/what) (songs/albums) by {artist_name:artist} do i have | do i have
  any {music_genre:genres} (music/songs) | what {music_genre:genres} do you have | when did
  {artist_name:artist} release {song_name:songs} | tell me about this (song/artist/band) | is
  {artist_name:artist} (playing/the singer)
music_likeness | i (like/love/really like/enjoy)
  ({artist_name:artist}/{music_genre:genres}/{song_name:songs}/this song)[ remember that/ save
  that] | (save/rate/like) this song | this is (my favorite/a great/such a good) song | (add/save)
  {song_name:songs} to my favorites | {music_genre:genres} is my favorite (genre/music) | thumbs
  up for {song_name:songs} | this (band/singer) is (great/awesome)
music_settings | {player_setting:playing} [this/the/that/my ](song/music/playlist/album) |
  (put/set) (the song/music/it) on {player_setting:playing} | {player_setting:playing}
  {song_name:songs} | turn on {player_setting:playing}
social_post | (tweet/post) [that ]i am (at the {:shops}/so happy/bored/tired/hungry)[ (on/to)
  {media_type:networks}] | post [this/a photo/my status ](on/to) {media_type:networks} |
  (send/write) a {media_type=tweet} to {business_name:company}[ about (their service/my order/the
  bad service)] | {media_type=tweet} (at/to) {business_name:company} that (their service is bad/my
  package is late/it is broken) | complain to {business_name:company}[ (on/via)
  {media_type:networks}] | (file/make/send) a complaint (to/about) {business_name:company} |
  update my {media_type:networks} status[ to {:moods}] | tell {business_name:company} (that i am
  not happy/their product is broken/my bill is wrong) | {media_type=tweet} {business_name:company}
  | share (this/my location/this picture) on {media_type:networks} | (open/log in to)
  {media_type:networks}[ and post a picture] | upload my picture to {media_type:networks} | let
  {business_name:company} know (i am upset/the food was cold/my order is wrong)[ on
  {media_type:networks}] | (tell/message) {business_name:company} that (my order has not come/i am
  still waiting/i want my money back) | tweet {business_name:company} about (the delay/my refund)
social_query | (what's/anything) new on {media_type:networks} | (check/open/show me) my
  {media_type:networks}[ feed/ notifications/ messages/ account] | do i have any[ new]
  (notifications/messages/likes) on {media_type:networks} | did {person:name} post[ anything] on
  {media_type:networks}[ {date:ago}] | what (is/are) (trending/my friends doing) on
  {media_type:networks} | who (liked/commented on/shared) my (post/photo/status)[ on
  {media_type:networks}] | what did {person:name} post[ {date:ago}] | any updates from my
  {relation:relations} on {media_type:networks} | how many likes does my picture have
transport_query | (when is/what time is/when does) the next {transport_type:ride}[ to
  {place_name:place}][ leave/ arrive] | how (do/can) i get to {place_name:spot} | (give
  me/get/find/i need) directions to {place_name:spot} | (find/show me) {transport_type:ride}
  (times/schedule/schedules)[ to {place_name:place}][ {date:when}] | how (far is it/long does it
  take) to {place_name:spot}[ by {transport_type:ride}] | what {transport_type:rides} go from
  {place_name:place} to {place_name:place} | what is the (fastest/best/shortest) (way/route) to
  {place_name:spot} | is there a {transport_type:ride} to {place_name:place} (at
  {time:clock}/{date:near}) | when does the {time:clock} {transport_type:ride} to
  {place_name:place} arrive | {transport_type:ride} from {place_name:place} to {place_name:place}[
  {date:near}] | navigate to {place_name:spot} | where is the nearest {place_name:stop} | how much
  is a {transport_type:ride} (ticket )to {place_name:place} | take me to {place_name:spot} | how
  do i get to the (nearest/closest) {business_name:kitchen} | when does the
  {transport_name:express} (leave/arrive) | what time is the {transport_name:express}
transport_ticket | (book/buy/get/order/reserve) [me ](a/one/two) {transport_type:ride}
  (ticket/tickets) to {place_name:place}[ {date:when}][ at {time:clock}] | (book/find) a
  {transport_type:ride} from {place_name:place} to {place_name:place}[ {date:when}] | i need a
  {transport_type:ride} ticket[ to {place_name:place}][ {date:when}] | how much (is/are)
  {transport_type:ride} (tickets/a ticket) to {place_name:place} | get me a (seat/ticket) on the
  {time:clock} {transport_type:ride} to {place_name:place} | find the cheapest
  {transport_type:ride} ticket to {place_name:place}
transport_taxi | (book/call/order/get) [me ](a/an) {transport_type:car}[ to {place_name:spot}][ at
  {time:clock}][ {date:soon}] | i need a {transport_type:car}[ to {place_name:spot}][ in
  {time:while}] | (call/book/get/order) [me ](a/an) {transport_agency:agency}[ to
  {place_name:spot}] | have a {transport_type:car} pick me up (at {time:clock}/in {time:while}) |
  request a {transport_type:car} from {place_name:spot} to {place_name:spot} | get me a ride (to
  {place_name:spot}/with {transport_agency:agency}) | request a {transport_type:car} from
  {business_name:company}
transport_traffic | (how's/what's/how is) (the )traffic[ like][ (in/to/on/around)
  {place_name:spot}][ {date:near}/ right now] | is there[ any/ a lot of/ heavy] traffic (on the
  way to/in/near) {place_name:spot} | are there any {event_name=accidents} (on/near)
  {place_name:spot} | (traffic/traffic report) for {place_name:place} | how long (is/will be) my
  (drive/commute) to {place_name:spot} | what is the traffic like at {time:clock}[ {date:near}]
recommendation_events | what (events/things) are (happening/going on)[ in {place_name:place}][
  {date:when}] | (what's/what is) (happening/going on)[ around here/ in town/ near me/ in
  {place_name:place}] {date:when} | are there any {event_name:fair}[ (in/near)
  {place_name:place}][ {date:when}] | (find/show me) {event_name:fair} (in/near/around)
  ({place_name:place}/me) | (when/where) is the[ next] {event_name:fair}[ {date:when}] | any (fun
  things/events) to do {date:when}[ in {place_name:place}] | what can i do {date:when}[ in
  {place_name:place}] | is there a {event_name:fair}[ {date:when}][ in {place_name:place}] | who
  is playing in {place_name:place} {date:when} | suggest (an event/a {event_name:fair})[
  {date:when}] | what {event_name:fair} are (on/in town) {date:when}
recommendation_locations | (find/show me/look for/i need) (a/an/the nearest/a good)
  {business_type:shops}[ (near me/nearby/around here/in {place_name:place})] | where (is/can i
  find) (a/the nearest/the closest) {business_type:shops}[ (in/near) {place_name:place}] |
  (what/which) {business_type:shops} are (near me/open now/ in {place_name:place}) | recommend
  (a/an/a good) {business_type:shops}[ in {place_name:place}] | (find/recommend) a[ good]
  {food_type:cuisines} {business_type=restaurant}[ (near me/in {place_name:place})] | where can i
  (get/eat/find)[ good] ({food_type:cuisines} food/{food_type:dishes})[ (near me/in
  {place_name:place})] | what is the best {business_type:shops} in {place_name:place} | is there
  a[n] {business_type:shops} (near here/close by/near {place_name:place}) | is there a
  {business_name:kitchen} (near me/nearby/in {place_name:place}) | where is the nearest
  {business_name:kitchen} | {business_type:shops} near (me/{place_name:place})
recommendation_movies | what (movies/films) are (playing/showing/out)[ {date:when}][ in
  {place_name:place}/ near me] | (recommend/suggest) (a movie/a good movie/a {movie_type:film}
  movie)[ {date:when}] | is {movie_name:films} (playing/showing/still in theaters)[ {date:when}][
  in {place_name:place}] | (what time/when/where) is {movie_name:films} playing[ {date:when}] |
  what are the best {movie_type:film} movies | is {movie_name:films} (good/worth watching) | find
  (showtimes/tickets) for {movie_name:films}
takeaway_order | order[ me/ some/ a/ me a] {food_type:dishes}[ from {business_name:kitchen}][ for
  {order_type:delivery}] | (order/get) {food_type:cuisines} (food/{order_type:delivery}) | i
  (want/would like/need) to order {food_type:dishes}[ from {business_name:kitchen}] | get me[ a/
  some] {food_type:dishes}[ from {business_name:kitchen}] | order {order_type:delivery} from
  {business_name:kitchen} | place an order (at/with/from) {business_name:kitchen} | order
  {meal_type:meal} from {business_name:kitchen} | order {food_type:dishes} and {food_type:dishes}[
  for {order_type:delivery}] | order {order_type:delivery} | i am hungry order {food_type:dishes}
  | call {business_name:kitchen} and order {food_type:dishes}
takeaway_query | does {business_name:kitchen} (have/do/offer) {order_type:delivery} | does
  {business_name:kitchen} {order_type=deliver} | (where is/when will) my
  ({food_type:dishes}/food/order)[ arrive/ be here/ get here] | is there any {food_type:cuisines}
  {order_type:delivery}[ near me] | how long until my
  ({food_type:dishes}/food/{order_type:delivery}) (arrives/gets here/is ready) | (what/which)
  (restaurants/places) {order_type=deliver}[ {food_type:cuisines}] | check the (status/progress)
  of my {business_name:kitchen} order | can i get {food_type:dishes} for {order_type:delivery} |
  what is on the menu at {business_name:kitchen} | is {business_name:kitchen} still open for
  {order_type:delivery} | does {business_name:kitchen} {order_type=deliver}[ to my house]
cooking_recipe | (find/show me/give me/get/i need/look up) a recipe for {food_type:dishes} | how
  (do/can) (i/you) {cooking_type:cook} {food_type:dishes} | how do (i/you) make {food_type:dishes}
  | (what's/what is) (a good/the best/the) recipe for {food_type:dishes} | {food_type:dishes}
  recipe | how long (do i/should i/does it take to) {cooking_type:cook} {food_type:dishes} | what
  (ingredients do i need for/goes in/do i need for) {food_type:dishes} | tell me how to
  (make/prepare) {food_type:dishes} | what can i (make/cook) with {ingredient:groceries}[ and
  {ingredient:groceries}] | (find/show me) {food_type:cuisines} recipes | what temperature should
  i {cooking_type:cook} {food_type:dishes} at | can you teach me to make {food_type:dishes} | what
  should i make for {:meal} | recipes with {ingredient:groceries} | how much
  {ingredient:groceries} do i need for {food_type:dishes}
qa_currency | (what's/what is) the exchange rate (between/of/for) {currency_name:currencies}
  (and/to) {currency_name:currencies} | how (much is/many) {currency_name:currencies} (in/to)
  {currency_name:currencies} | convert [{:few} ]{currency_name:currencies} (to/into)
  {currency_name:currencies} | what is[ the] {currency_name:currencies} worth[ in
  {currency_name:currencies}] | {currency_name:currencies} to {currency_name:currencies} | how
  much is {:few} {currency_name:currencies} in {currency_name:currencies} | what is the
  (value/rate) of the {currency_name:currencies}[ {date:ago}] | what currency is used in
  {place_name:land}
qa_stock | (what's/what is) the (stock price/share price/price/value) of {business_name:company}[
  stock][ {date:ago}] | how (is/are) {business_name:company} (stock/stocks/shares)[ doing][
  {date:ago}] | (check/show me/give me/tell me) [the ]{business_name:company} (stock/stock
  price/shares) | {business_name:company} stock[ price] | how much is (a share of
  {business_name:company}/{business_name:company} stock) | did {business_name:company} (stock go
  up/shares go down)[ {date:ago}] | how is the stock market[ doing][ {date:ago}] | what is
  {business_name:company} trading at | should i (buy/sell) {business_name:company}[ stock]
qa_maths | what is {:few} (plus/minus/times/divided by) {:few} | (add/multiply) {:few} (and/by)
  {:few} | what is the square root of {:few} | how much is {:few} percent of {:few} | {:few}
  (plus/times/minus) {:few} | divide {:few} by {:few} | solve {:few} (plus/minus) {:few} |
  calculate {:few} times {:few} | what's {:few} squared | subtract {:few} from {:few} | what is
  {:few} to the power of {:few} | what is the (sum/product) of {:few} and {:few}
iot_hue_lightoff | (turn off/switch off/shut off/kill) the (light/lights)[ in the
  {house_place:rooms}] | turn the {house_place:rooms} lights off | {house_place:rooms} lights off
  | lights off | turn off (the/my) {device_type:lamp} | (turn/switch) (everything/all the lights)
  off | make the {house_place:rooms} dark
iot_hue_lighton | (turn on/switch on/put on) the (light/lights)[ in the {house_place:rooms}] |
  turn the {house_place:rooms} lights on | {house_place:rooms} lights on | lights on | turn on
  (the/my) {device_type:lamp}
iot_hue_lightchange | (change/turn/make/set/switch) the lights[ in the {house_place:rooms}] [to
  ]{color_type:colors} | make the {house_place:rooms}[ lights] {color_type:colors} | change the
  (color/colour) of the[ {house_place:rooms}] lights to {color_type:colors} | change the lights |
  i want {color_type:colors} lights[ in the {house_place:rooms}] | (turn/set) my
  {device_type:lamp} to {color_type:colors} | {color_type:colors} lights please
iot_hue_lightdim | (dim/lower) the lights[ in the {house_place:rooms}][ {change_amount:amount}] |
  (it's/it is) too bright in here | turn (down the lights/the lights down)[ in the
  {house_place:rooms}][ {change_amount:amount}] | dim the {house_place:rooms} lights[
  {change_amount:amount}] | make the {house_place:rooms} (darker/less bright)
iot_hue_lightup | (brighten/raise/turn up) the lights[ in the {house_place:rooms}][
  {change_amount:amount}] | make (it/the room/the {house_place:rooms}) brighter | (increase/raise)
  the brightness[ of the lights][ in the {house_place:rooms}][ {change_amount:amount}] | turn the
  {house_place:rooms} lights up[ {change_amount:amount}] | more light in the {house_place:rooms}
  please
iot_wemo_on | turn on (the/my) {device_type:plug}[ in the {house_place:rooms}] | switch the
  {device_type:plug} on | (start/activate) the {device_type:plug}
iot_wemo_off | turn off (the/my) {device_type:plug}[ in the {house_place:rooms}] | switch the
  {device_type:plug} off | (stop/deactivate) the {device_type:plug} | shut off (the/my)
  {device_type:plug}
iot_coffee | (make/brew/get/prepare) [me ](a/some/a cup of) coffee[ at {time:clock}] | (turn
  on/start) the {device_type:brewer} | i (want/need/would like) a[ cup of] {coffee_type:brew}[
  coffee] | make me a {coffee_type:brew} | coffee please | have coffee ready (at/by) {time:clock}
  | (set/program) the {device_type:brewer} for {time:clock}
iot_cleaning | (vacuum/clean/hoover) the {house_place:rooms} | (start/turn on/run) the
  {device_type:robot}[ in the {house_place:rooms}] | clean the house[ at {time:clock}] | have the
  {device_type:robot} clean the {house_place:rooms} | (start/begin) (cleaning/vacuuming)[ the
  {house_place:rooms}]
audio_volume_up | (turn up/raise/increase) the (volume/sound/music)[ a bit/ a little/
  {change_amount:level}/ {change_amount:level}] | turn the volume up[ a bit/ a little/
  {change_amount:level}/ {change_amount:level}] | (louder/make it louder/speak louder)[ please] |
  (set/turn) the volume {change_amount:level} | i can't hear (you/the music/it)
audio_volume_down | (turn down/lower/decrease/reduce) the (volume/sound/music)[ a bit/ a little/
  {change_amount:level}/ {change_amount:level}] | turn the volume down[ a bit/ a little/
  {change_amount:level}/ {change_amount:level}] | (quieter/softer/make it quieter/speak softer/not
  so loud)[ please] | it's too loud | the (music/volume) is too loud
audio_volume_mute | (mute/silence) [the/your/my ](speakers/sound/volume)[ for {time:while}] | (be
  quiet/stop talking/shut up/mute/silence/quiet)[ please] | mute (yourself/everything) | turn
  (the/off the) sound off | don't (speak/talk)[ for {time:while}/ until {time:clock}]
general_joke | tell me a[ joke/ {joke_type:jokes} joke] | (do you know/say/give me) (a joke/any
  jokes/any {joke_type:jokes} jokes) | make me laugh | tell me a joke about {joke_type:beasts} | i
  want to hear a[ {joke_type:jokes}] joke
general_greet | (hello/hi/hey/good morning/good evening/hi there/hey there/greetings)[ olly/
  there] | how are you[ today/ doing]
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
  | is {person:people} (hot/smart/funny) | that's (nice/weird/too bad/great)
]]
