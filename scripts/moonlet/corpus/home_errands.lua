-- home_errands.lua: more ways to have a voice assistant at home do things: plans, messages, trips,
-- meals, lights. Read as home_requests.lua is; a function may have lines in both.

return [[
calendar_set | (can you/could you/would you/i want to/i need to/i'd like to) (schedule/add/put/set
  up/create) (a/an/my) {event_name:event}[ for/ on] {date:day}[ at {time:clock}] |
  {event_name:event} with {person:name} (on {date:day}/{date:soon})[ at {time:clock}] |
  (new/create an/make a) (event/appointment/calendar entry) {event_name:event} {date:soon} |
  (please/can you) remind me {date:soon} to {event_name:deed} | (i have to/i need to/i must)
  {event_name:deed} {date:soon}[ at {time:clock}] remind me | at {time:clock} remind me to
  {event_name:deed} | on {date:day} remind me (about/of) {event_name:event} | make sure i
  (remember to/don't forget to) {event_name:deed}[ {date:soon}] | (note/write down) that i have a
  {event_name:event} {date:soon} | (block/block off/save) {date:day} for {event_name:event} |
  (block out/clear) {date:soon} {timeofday:part} for {event_name:event} | put in my calendar
  {event_name:event} {date:soon} at {time:clock} | i (am meeting/am seeing/will meet)
  {person:name} {date:soon} at {time:clock} | {person:name} and i are having {meal_type:meal}
  {date:soon} | set up a {event_name=call} with {person:name} {date:soon}[ at {time:clock}] |
  (alert/notify/tell/text) me {time:while} before {event_name:event} | (alert/notify) me when it
  is time (for/to go to) {event_name:event} | (change/move/reschedule/push) my {event_name:event}
  to {date:day}[ at {time:clock}] | (make/set) {event_name:event} (repeat/a repeating event)
  {general_frequency:frequency} | {event_name:event} {general_frequency:frequency} | i have
  {event_name:event} {general_frequency:frequency} at {time:clock} | remind me of {person:name's}
  {event_name=birthday} | my {relation:relations's} {event_name=birthday} is {date:monthday} |
  (add/send) a reminder for the {event_name:event} to {person:name} | invite (my
  {relation:relations}/{relation:role}) to the {event_name:event} | invite {person:name} and
  {person:name} to {event_name:event} {date:soon} | plan a {event_name:event} (for/on) {date:day}
  | we are having a {event_name:event} at {place_name:place} {date:soon} | i am going to
  {place_name:place} {date:soon} remind me to {event_name:deed} | (set/add) a notification (for
  {event_name:event}/on {date:day}) | (set/create) a reminder | add an event | schedule
  (something/a day off) for {date:day} | (mark/flag) my calendar for {event_name:event} | put
  (this/it) on my calendar | (save/keep) the date {date:monthday} for {event_name:event} | add
  location {place_name:place} to my {event_name:event} | remind me to {event_name:deed}
  {timeofday=tonight}[ at {time:clock}] | {meal_type=dinner} with {person:name}
  {timeofday=tonight} at {time:clock}
calendar_query | (is there/have i got/do i have) (something/anything) {date:when} | (how does/what
  does) my {date:soon} look[ like] | how (busy/booked) am i {date:when} | am i doing anything
  {date:when}[ {timeofday:part}] | what are my (plans/commitments/appointments/events) {date:when}
  | (what/which) (appointments/events) are (coming up/left/on my calendar) {date:when} |
  (read/tell/give) me my (schedule/agenda/calendar)[ {date:when}] | (check/look at/pull up/view)
  my (calendar/schedule/agenda)[ {date:when}] | (calendar/schedule/agenda/my day/my
  schedule/upcoming events/my reminders/my appointments) | (remind me/tell me) what i have
  {date:when} | what is (next/up next/coming up) on my (calendar/schedule/agenda) | what do i need
  to do {date:when} | do i need to be (anywhere/somewhere) {date:when} | (when/what time)
  (does/will) [my/the ]{event_name:event} (start/end/begin/finish) | when do i (have/go to)
  {event_name:event} | when am i (meeting/seeing/having {event_name:meal} with) {person:name} |
  did i (schedule/add/set) (a/an/my) {event_name:event}[ {date:near}] | is {event_name:event}
  (already/still) (scheduled/in my calendar/on) | (is/was) {person:name} (invited/coming) to the
  {event_name:event} | who is (going/coming/invited) to (my/the) {event_name:event} | how (many
  days/long) until [my/the ]{event_name:event} | how much time (before/until) my next
  {event_name=meeting} | (where/what room) is the {event_name=meeting} {date:near} | what is the
  (location/address/time/date) of [my/the ]{event_name:event} | (give me/tell me) the details
  (of/for/about) [my/the ]{event_name:event} | what (date/time/day) did i set for
  {event_name:event} | do i have (time/room/an opening) {date:soon}[ at {time:clock}] |
  (find/show) (a free hour/free time) {date:soon} | (what/how many) {event_name:meets} (are
  left/do i have left) {date:near} | what's my first {event_name=meeting} {date:soon} | list (all
  the/the) {event_name:meets} {date:when} | whose {event_name=birthday} is {date:near} | is
  {date:day} (free/open/a holiday) | do i work {date:when} | has {event_name:event} been
  (moved/cancelled/changed) | show me (what's/everything) on (the ){date:day} | what (am i
  doing/do i have) {timeofday=tonight} | am i free {timeofday=tonight} | is there anything on my
  calendar {timeofday=tonight}
calendar_remove | (can you/could you/please/i want to/i need to) (delete/cancel/remove) (my/the)
  {event_name:event}[ {date:near}] | {event_name:event} (is/has been) (cancelled/called off/over)[
  remove it] | (get rid of/drop/scratch/wipe) (my/the) {event_name:event}[ {date:near}] |
  (cancel/delete) everything {date:when} | i no longer (have/need) (a/the) {event_name:event} | i
  am not (going to/attending) (the/my) {event_name:event} {date:near} | (delete/cancel) my
  (next/last/first) {event_name=meeting}[ {date:near}] | (delete/remove) the
  (event/reminder/entry) (for/about/called) {event_name:event} | (clear/free up) {date:soon}
  {timeofday:part} | (cancel/delete) all my (reminders/events/appointments) |
  (delete/remove/cancel) (this/that/the) (event/reminder/appointment) | stop reminding me (about
  {event_name:event}/to {event_name:deed}) | cancel the reminder to {event_name:deed} | remove
  {person:name's} {event_name=birthday}[ from my calendar] | cancel {date:near's}
  {event_name=meeting} with {person:name} | remove {event_name:event} at {time:clock} |
  (delete/erase) the {event_name:event} with (my {relation:relations}/{relation:role}) |
  (take/remove) everything (off/from) my calendar
play_music | (play/put on) (music/some music/a song/something/anything/songs/some tunes/my
  music/my songs/my library) | play (something/songs/music) (like/similar to) {artist_name:artist}
  | play {music_genre:genres} (from/by) {artist_name:artist} | play (some/a little)
  {music_genre:genres} in the {:rooms} | (start/begin/resume) (playing/with) {song_name:songs} | i
  (want/wanna/need) (some/to hear some) {music_genre:genres} | i am in the mood for
  {music_genre:genres} | (give me/how about) some {artist_name:artist} | play the (song/track)
  {song_name:songs} on {app_name:apps} | play {artist_name:artist} on {app_name:apps} | play my
  {playlist_name:playlist} on {app_name:apps} | (blast/crank up/turn on/stream) (some
  ){artist_name:artist} | play (that/the) song (called/named) {song_name:songs} | play the album
  {song_name:songs} | play the {music_descriptor:rank} {artist_name:artist} song | play
  {music_descriptor:rank} {music_genre:genres} | play {music_descriptor:moods}
  {music_genre:genres} | (play/find) (some ){music_descriptor:moods} tunes | play music for (a
  party/working out/sleeping/dinner/studying) | play songs from the {date:decade} | play
  {music_genre:genres} from the {date:decade} | play music from {date:decade} | can i (hear/listen
  to) {song_name:songs} | (can/could/will) you play (some/me some/me) {artist_name:artist} | next
  (song/track) | (play/start) (it/this/that/the next one) | (play/shuffle) (all my/my)
  (songs/music/favorites) | (play/start) (my/the) playlist | {song_name:songs} by
  {artist_name:artist} | {song_name:songs} please | i would love to hear {song_name:songs} | sing
  me {song_name:songs} | play {song_name:songs} (again/on repeat/twice) | play the soundtrack
  (of/from) {:films} | play music by {artist_name:artist} and {artist_name:artist} | play
  {song_name:songs} then {song_name:songs} | play the (live/acoustic) version of {song_name:songs}
weather_query | (weather/weather please/forecast/weather report/weather update/temperature) |
  (is/was) it (raining/snowing) (outside/now/there) | what's the {weather_descriptor=temperature}
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
email_query | (email/check email/my inbox/emails/any emails/new emails/check mail/new mail) |
  (open/show/go to) my {email_folder:folder}[ folder] | (how many/are there any) (unread
  emails/emails) in my {email_folder=inbox} | (have/has) {person:name} (sent me anything/sent me
  an email/emailed)[ {date:ago}] | what (did/has) {person:name} (send/write)[ me][ {date:ago}] |
  (read/show me/play) (my/the) (last/latest/newest/most recent/new/unread) (email/emails/messages)
  | read (it/that/this email/the next email) | who (emailed/wrote) me[ {date:ago}] | (find/search
  for/look for) (emails/the email/mails) (from {person:name}/about {event_name:event}/from my
  {relation:relations}) | (any/is there any) (reply/response/answer) from {person:name} | (any/is
  there an) email about [my/the ]{event_name:event} | did (anyone/someone) email me (about
  {event_name:event}/{date:ago}) | notify me (if/when) (i get an email from
  {person:name}/{person:name} replies) | (open/read) {person:name's} (email/message) | is there an
  email from {business_name:company} | what are the emails from {date:ago} | (show/list) (all/the)
  emails from {person:name}[ {date:ago}] | show me {date:ago's} emails | (do i have/check for/any)
  important emails | did i miss any emails[ from {person:name}] | when did {person:name} (last
  email me/email me) | what is the subject of the last email | did {relation:role} (email
  me/reply) | check my {email_folder=inbox} for emails from {person:name}
email_sendemail | (can you/could you/i need to/please) (send/write/email) (an email to
  ){person:name}[ for me] | (email/write to/message) {person:name} (about/regarding) [my/the
  ]{event_name:event} | (email/tell/write to) {person:name} that the {event_name:event} is
  (cancelled/moved/at {time:clock})[ {date:near}] | (email/ask) {person:name} (to meet/to call
  me/to come) at {time:clock}[ {date:near}] | email {person:name} my
  (address/notes/itinerary/regards) | (compose/create/draft/start/begin) (an/a new) email | (new
  email/send email/write email/send an email/send a message/reply/reply to this/reply all/send
  it/reply to the last email) | email to {person:name} | (send/shoot/drop) {person:name} (an
  email/a quick email/a note)[ about {event_name:event}] | (reply/respond/write back) to (this
  email/{person:name}) (saying/with) (yes/no/thanks/i will be there/sounds good) | (ask/email) my
  {relation:relations} (about {meal_type:meal}/what time dinner is/how she is) | (send/email) my
  {relation:relations} (a picture/the list/my love/a reminder) | let {person:name} know (i am on
  my way/i will be late/the time/about the {event_name:event}) | tell {person:name} (i miss him/i
  said hello/to call me) (in an/by) email | (thank/congratulate/invite) {person:name} by email |
  email {relation:role} that i (am sick/will be out/quit) {date:near} | send (this/it/the
  photo/the document) to {person:name}[ and {person:name}] | (cc/copy) {person:name} on (this/the)
  email | (send/email) {email_address:address} | send an email to {email_address:address} (about
  the {event_name:event}/saying hello) | remind {person:name} by email about the
  {event_name:event} | forward {person:name's} email to {person:name} | forward the last email to
  my {relation:relations}
email_querycontact | (what/when) is my {relation:relations's} {event_name=birthday} | (pull
  up/bring up/display/get) {person:name's} (contact/contact information/details) | {person:name's}
  {personal_info:facts} | (do i have/have i got) (a/the) {personal_info:facts} for {person:name} |
  (is/do i have) {person:name} (in my contacts/on my contact list) | what is (the/his/her)
  {personal_info:facts} | does {person:name} have (an {personal_info=email}/a
  {personal_info=phone}) | give me the {personal_info:facts} of my {relation:relations} | how
  (many/do i see my) contacts (do i have) | who (called/is calling/do i know in
  {place_name:place}) | (find/search) (my contacts for/contact) {person:name} | what (company/job)
  does {person:name} (work for/have) | where does my {relation:relations} live | i need
  {person:name's} {personal_info:facts} | (open/show) my (contacts/address book/contact list) |
  contact {person:name} | look up {person:name's} {personal_info:facts}[ please] | tell me the
  {personal_info:facts} of {person:name}
lists_createoradd | (i need/i want/we need/we are out of/i am out of/we ran out of) {:groceries}[
  and {:groceries}] | put {event_name:deed} on my {list_name=to do} list | (add/put) (one more
  thing/another item/{:groceries}) (to/on) (the/my) list | (start/make/create) a list
  (called/named) {list_name:purpose} | (start/create/make) a list of {list_name:purpose} | i
  (want/need) (a/a new/to make a) list | (new/create) {list_name:lists} list | (write/note) down
  {:groceries} | include {:groceries} (in/on) (my/the) {list_name:lists} list | (make/take) a
  note[ to {:groceries}] | add (it/that/them) to my {list_name:lists} list | (add/put)
  {:groceries} {:groceries} and {:groceries} (to/on) my {list_name:lists} list | (can
  you/please/could you) add {:groceries} to (the/my) list | add {person:name} to my
  {list_name:lists} list | (save/update/edit/change) (the/my) {list_name:lists} list | don't let
  me forget to buy {:groceries}
lists_query | (my lists/show lists/what lists/open lists/lists) | (what/which) lists (are
  there/have i made/are available/do i have saved) | how many lists do i have | (what is/what's)
  (in/on) (this/that/the/my) list | (did i/have i) (add/put) {:groceries} (to/on) (the/my)
  {list_name:lists} list | (do i/do we) (need/have) {:groceries} on the list | (do i have/is
  there) {:groceries} on (my/the) list | (read/say/tell me) the items (on/in) (my/the)
  {list_name:lists} list | what (else )do i need (from the store/at the store) | what (is
  left/remains) on my {list_name:lists} list | (display/bring up/view/review) (my/the)
  {list_name:lists} list | what did i put on my {list_name:lists} list[ {date:ago}] | what are
  (the/my) {list_name:purpose} | list my {list_name:purpose} | what is the (first/last)
  (item/thing) on my {list_name:lists} list | what is on my {list_name:lists} list {date:near}
lists_remove | (remove/delete/erase) (it/this/that/them/everything/all items/the first item) from
  (my/the) {list_name:lists} list | (remove/delete) (a/my/the whole) list | (cross/scratch/check)
  {:groceries} off[ (my/the) {list_name:lists} list] | (clear/empty/wipe) (my/the) list |
  (remove/delete) {:deed} from my {list_name=to do} list | i am done with (my/the)
  {list_name:lists} list | (delete/remove) the list (of/called) {list_name:purpose} | i (don't
  want/don't need/already have/got) {:groceries} | drop {:groceries} from (the/my) list |
  (delete/remove) {person:name} from (my/the) {list_name:lists} list | (delete/remove) (all/all
  my/every) lists
social_post | (post/tweet/share) (this/it/a picture/something/hello)[ on my {media_type:networks}]
  | post (good morning/happy birthday/that i am home) on (my ){media_type:networks} |
  (write/make/create) a (post/status)[ on {media_type:networks}] | (send/post) a
  {media_type=tweet} (saying/about) (i love this/good night/how bad the service is/{:topics}) |
  tweet (good morning/about my day/that i love {:dishes}/a picture of my dog) | {media_type=tweet}
  at {business_name:company} | (wish/tell) {person:name} happy birthday on {media_type:networks} |
  (change/set/update) my (status/{media_type:networks} status) to (busy/single/happy/away) |
  (check in/tag me) at {place_name:spot}[ on {media_type:networks}] | (like/share/retweet)
  {person:name's} (post/photo/{media_type=tweet}) | (comment/reply) on {person:name's} post |
  message {person:name} on {media_type:networks} | (complain/send a complaint/send a message) to
  {business_name:company}[ about (my order/the noise/my bill/bad service)] | i want to
  (complain/file a complaint/complain on {media_type:networks})[ about {business_name:company}] |
  {business_name:company} (has terrible service/lost my bag/sucks)[ tweet that] | (my/the)
  (internet/phone/flight/package) (is down/is late/was cancelled/never came) (tell/let)
  {business_name:company} (know) | send (feedback/a thank you) to {business_name:company} | tweet
  to customer service | (ask/tell) {business_name:company} (why it is so slow/to fix my phone/when
  it opens)[ on {media_type:networks}] | follow {person:people} on {media_type:networks}
social_query | (twitter/facebook/notifications/social media/my feed) | what are (people/my
  friends) (saying/posting/talking about)[ on {media_type:networks}] | (who/what) is
  (online/trending)[ on {media_type:networks}] | (any/are there any) (new tweets/friend
  requests/comments/posts/updates)[ on {media_type:networks}][ from {person:name}] | (show/read)
  me (the latest/{person:name's}/my latest) (posts/tweets/updates) | what is {person:name's}
  (status/latest post)[ on {media_type:networks}] | (has/did) anyone (comment on/like/reply to) my
  (post/picture/tweet) | how many (followers/friends/likes) do i have[ on {media_type:networks}] |
  what is (happening/going on) on {media_type:networks}[ {date:ago}] | (log/sign) (in to/into)
  {media_type:networks} | is {person:name} on {media_type:networks} | what did my
  {relation:relations} post[ on {media_type:networks}] | what did i post {date:ago} | are there
  any new photos of {person:name} | did i get any messages on {media_type:networks} |
  (open/check/read) {media_type:networks}[ for me] | whose birthday is it {date=today} on
  {media_type:networks} | what is the top (post/story) on {media_type:networks}
transport_query | (when/what time) (is/leaves) the (next/first/last) {transport_type:ride} (to
  {place_name:place}/from {place_name:place}) | (is/are) there (a/any) {transport_type:ride}
  (running/going) to {place_name:place} {date:near} | (what/which) {transport_type:ride} (do i
  take/goes/should i take) to {place_name:spot} | how (often/late) do the {transport_type:rides}
  run | (show/get/tell) me the (way/route/directions) (to/for) {place_name:spot} | how do i
  (drive/walk/get) (to/from {place_name:place} to) {place_name:spot} | (what is/how long is) the
  (distance/drive/walk) (to/from here to) {place_name:spot} | (map/navigate me/guide me/route me)
  to {place_name:spot} | directions (to/home from) {place_name:spot} | directions from
  {place_name:place} to {place_name:place} | where is {place_name:spot}[ from here] | where is the
  (closest/nearest) {place_name:stop} | will i make it to {place_name:spot} (by/before)
  {time:clock} | what time (should i leave/do i need to leave) (for/to get to) {place_name:spot} |
  when (will/does) the {transport_type:ride} from {place_name:place} (arrive/get in)[ {date:near}]
  | is the {transport_type:ride} (on time/late/delayed)[ {date:near}] | {transport_type:ride}
  (times/schedule/timetable)[ to {place_name:place}] | (find/look up) the {transport_type:ride}
  (schedule/times) (for/from) {place_name:place} | when does the {transport_type:ride} leave
  {place_name:place} | which train goes to {place_name:place} | i (need/want) to (get/go) to
  {place_name:spot} | the (quickest/best/easiest) (way/route) (to/home from) {place_name:spot} |
  is there parking (near/at) {place_name:spot} | is there a {transport_type:ride} to
  {place_name:place} {timeofday=tonight}
transport_ticket | (book/purchase/buy) (train/plane/bus) tickets (to/for) {place_name:place} |
  book {transport_type:ride} tickets (to/for/from) {place_name:place}[ {date:when}] | i
  (want/would like/need) (a/to buy a/to book a) ticket (to/for) {place_name:place}[ {date:when}] |
  i (want/need) to (go/travel) to {place_name:place} by {transport_type:ride}[ {date:when}] |
  (get/book) me on the (next/first) {transport_type:ride} to {place_name:place} | (book/get) a
  (round trip/return/one way) {transport_type:ride} ticket to {place_name:place} | (are there/any)
  {transport_type:ride} tickets (available/left) (to/for) {place_name:place}[ {date:near}] | book
  a ticket (on/with) {transport_name:express}[ to {place_name:place}] | (purchase/order)
  {transport_type:ride} tickets from {place_name:place} to {place_name:place}[ {date:when}] |
  (find/show me) {transport_type:ride} (fares/prices) to {place_name:place} | a
  {transport_type:ride} ticket to {place_name:place} please | reserve a seat on the
  {transport_type:ride} to {place_name:place} | book my {transport_type:ride} for {date:day} |
  tickets to {place_name:place} {date:when} | (book/get) tickets for {:name} and me to
  {place_name:place}
transport_taxi | (get me/find me/send me/hail) (a/an) {transport_type:car}[ now/ please] |
  {transport_type:car} (please/now/to {place_name:spot}) | i (want/need) (a ride/an
  {transport_agency:agency}) to {place_name:spot}[ at {time:clock}] | (schedule/reserve/arrange) a
  {transport_type:car} (for {time:clock}/for {date:soon}/to {place_name:spot}) | (pick me up/have
  someone pick me up) (at {place_name:spot}/at {time:clock}) | (can you/could you) (call/get/book)
  me a {transport_type:car}[ to {place_name:spot}] | {transport_agency:agency} to
  {place_name:spot} | order (me ){transport_agency:agency} (for {time:clock}/to {place_name:spot})
  | how much is (a {transport_type:car}/{transport_agency:agency}) to {place_name:spot} | where is
  my {transport_type:car} | (take me home/i need to get home) call a {transport_type:car} | cancel
  my {transport_type:car} | book {transport_agency:agency} from {place_name:spot} to
  {place_name:spot} | (when/how soon) will my {transport_type:car} (arrive/be here) | (book/get) a
  {transport_type:car} for {timeofday=tonight}[ at {time:clock}]
transport_traffic | (traffic/traffic report/traffic update/check traffic/how is traffic/current
  traffic) | (is/was) there (an {event_name=accident}/{event_name=construction}/a jam) (on/near)
  {place_name:spot} | (what/how bad) is (the )traffic (on my way to/to/near) {place_name:spot} |
  any (delays/traffic/jams/road closures)[ (on/near/to) {place_name:spot}] | are the roads
  (clear/busy/blocked)[ to {place_name:spot}][ {date:near}] | will there be traffic {date:near}[
  at {time:clock}] | (tell/show/give) me the traffic[ (conditions/report)][ (in/for/to)
  {place_name:spot}] | how heavy is traffic[ in {place_name:place}] | which (road/route) has less
  traffic to {place_name:spot} | is the highway (busy/clear/backed up)[ {date:near}] | (avoid/show
  me a way around) traffic to {place_name:spot} | how is my commute[ {date=today}]
recommendation_events | (what's/anything) (fun/good/interesting) (to do/going on)[ {date:when}][
  in {place_name:place}] | (local events/events near me/events/things to do/what's
  happening/upcoming events) | (list/show/tell me about) (events/local events/upcoming events)[
  {date:when}][ in {place_name:place}] | what {event_name:fair} are (coming up/near me/going on)[
  {date:when}] | (any/are there any/is there a) (good ){event_name:fair} (near me/around
  here/nearby) | (recommend/find/suggest) something to do {date:when}[ with (the/my) {:relations}]
  | i want to go to a {event_name:fair}[ {date:when}] | who is (performing/in concert/in town)
  {date:when}[ in {place_name:place}] | is {:artist} (playing/performing/coming)[ in
  {place_name:place}][ {date:when}] | when is {:artist} (playing/coming to {place_name:place}) |
  how much are tickets (to/for) the {event_name:fair} | what time does the {event_name:fair}
  (start/open)[ {date:near}] | what (shows/bands/festivals) are in {place_name:place} {date:when}
  | where can i (go/take my {:relations}) {date:when} | what should (i/we) do {date:when}[ in
  {place_name:place}] | i am bored what is there to do {date:near} | what events (are near/in)
  {place_name:place}[ {date:when}] | what is going on {date:when} {timeofday:part} | give me
  (ideas/suggestions) for {date:when} | what's (happening/going on) {timeofday=tonight}[ in
  {place_name:place}] | (events/concerts) {timeofday=tonight} | is there a {event_name:fair}
  {timeofday=tonight} | what can we do {timeofday=tonight}
recommendation_locations | (find/show me/get/list/search for) [the
  ](best/closest/nearest/top/cheapest) {business_type:shops}[ (near me/in {place_name:place})] |
  (any good/any/the nearest/the closest/the best) {business_type:shops} (near me/around here/in
  {place_name:place}/nearby) | {business_type:shops}[ nearby/ around here/ close to me] | where
  (can i/should i) (go for/get) [a good ]({food_type:dishes}/{meal_type:meal})[ in
  {place_name:place}] | where can i buy (shoes/{:groceries}/flowers/a tv)[ (near me/in
  {place_name:place})] | i (want/am looking for/need) (a/an/some) {business_type:shops} (near
  {place_name:place}/nearby/close by) | i (want/feel like) {food_type:cuisines} food | (is
  there/are there) any {food_type:cuisines} {business_type=restaurants} (near me/in
  {place_name:place}) | what {business_type:shops} (have/has) the best
  (reviews/prices/{food_type:dishes}) | {food_type:cuisines}
  ({business_type=restaurant}/{business_type=restaurants} near me) | what time does
  {business_name:kitchen} (open/close) | is {business_name:kitchen} (open/any good)[ {date:near}]
  | where is {business_name:kitchen}[ in {place_name:place}] | find {business_name:kitchen} (near
  me/in {place_name:place}) | which {business_type:shops} (is/are) open {date:near} | how far is
  the nearest {business_type:shops} | (good/nice/cheap/romantic) places to eat[ in
  {place_name:place}] | where should we (eat/have {meal_type:meal}/meet)[ {date:near}] | how many
  {business_type:shops} are there in {place_name:place} | what are the (hours/reviews) (for/of)
  {business_name:kitchen}
recommendation_movies | (what's/anything good) (playing/on/out/showing) (at the movies/in
  theaters)[ {date:when}] | (movie times/movies near me/new movies/show times/any good
  movies/movies) | (list/show me/find) (the/new/good) movies (near me/in theaters/{date:when}) |
  what movie should i (see/watch)[ {date:near}] | i (want/would like) to (see/watch) (a movie/a
  {movie_type:film} movie/{movie_name:films})[ {date:when}] | any (good ){movie_type:film} movies
  (playing/out)[ {date:when}] | where can i (see/watch) {movie_name:films}[ {date:when}] | what
  time is {movie_name:films}[ {date:when}] | who is in {movie_name:films} | (showtimes/show
  times/tickets) for {movie_name:films}[ {date:when}] | what is the (best/top/most popular/highest
  rated) (movie/{movie_type:film} movie)[ {date:near}] | are there (any new/any) {movie_type:film}
  films | (suggest/recommend) something to watch | which theater is showing {movie_name:films} |
  is there a movie theater in {place_name:place} | what (movies are/is) (playing/showing)
  {timeofday=tonight}[ in {place_name:place}] | what movie should we see {timeofday=tonight}
takeaway_order | i (want/would like/feel like/am craving) {food_type:dishes}[ {date=today}] | (can
  i/could you/please/can you) (get/order) [me ][some/a/two ]{food_type:dishes}[ from
  {business_name:kitchen}] | (order/get) (food/something to eat/{meal_type:meal})[ from
  {business_name:kitchen}] | order {meal_type:meal}[ for {:name}/ for two] | (order/get)
  {food_type:dishes} (to my house/to be delivered/for {meal_type:meal}) | have {food_type:dishes}
  delivered[ at {time:clock}] | {food_type:dishes} (please/from {business_name:kitchen}) |
  (order/get) {food_type:dishes} with {food_type:dishes} | order {food_type:cuisines} for
  {meal_type:meal} | i am hungry (get me some {food_type:cuisines}/order something) |
  (reorder/order again/repeat) my (last order/usual)[ from {business_name:kitchen}] | (make/place)
  an {order_type:delivery} order[ (at/from) {business_name:kitchen}] | (open/start)
  {app_name:eats} and order {food_type:dishes} | order {food_type:dishes} on {app_name:eats} |
  tell {business_name:kitchen} i want {food_type:dishes} | add {food_type:dishes} to my order |
  cancel my {food_type:dishes} order | order {food_type:dishes} for {timeofday=tonight} | i want
  {food_type:dishes} {timeofday=tonight}
takeaway_query | (is/can) {business_name:kitchen} (doing/do) {order_type:delivery}[ today] |
  (does/do) (any/the) {food_type:cuisines} (place/restaurants) {order_type=deliver} | how (much
  longer/long) (for/will) my (food/order)[ take] | (where is/what is the status of/is) my
  (order/food/{order_type:delivery})[ ready] | (track/check on/check) my
  (order/{order_type:delivery}) | (has/did) my ({food_type:dishes}/order) (been sent/come/ship) |
  can (i/you) (get/have) {order_type:delivery} from {business_name:kitchen} | does
  {business_name:kitchen} have {food_type:dishes} | how much is {food_type:dishes} at
  {business_name:kitchen} | what {food_type:cuisines} {order_type:delivery} is (near me/open/good)
  | who has the best {food_type:dishes} {order_type:delivery} | (do they/does it)
  {order_type=deliver} | is there a {order_type:delivery} charge at {business_name:kitchen} | what
  time will my {food_type:dishes} (arrive/be here/be ready)
cooking_recipe | how (many/much) (minutes/time) (does it take to/to/should i) {cooking_type:cook}
  {food_type:dishes} | (what/which) (spices/sauce/herbs/wine) (goes with/should i use for/go with)
  {food_type:dishes} | (tell me/teach me/show me/explain) how to {cooking_type:cook}
  {food_type:dishes} | (how/what) (is the best way to/should i) {cooking_type:cook}
  {food_type:dishes} | how hot should the oven be for {food_type:dishes} | (what is/what's) in
  {food_type:dishes} | (steps/ingredients/directions/instructions) (for/to make)
  {food_type:dishes} | (an easy/a healthy/a quick/a simple/a good) recipe for {food_type:dishes} |
  (easy/healthy/quick) {food_type:dishes} recipes | recipe (of/for) {food_type:dishes} | recipes |
  (find/get/search for) (a/some/any) recipes (with/for/using) {ingredient:groceries} | i
  (want/would like/need) to (make/cook/bake) {food_type:dishes} | i have {ingredient:groceries}
  what can i make | can i (use/substitute) {ingredient:groceries} (for/instead of)
  {ingredient:groceries} | how do i know when {food_type:dishes} is done | (can you/please)
  (find/read) me a {food_type:dishes} recipe | how do you prepare {food_type:cuisines} food | what
  (can/should) i (cook/make) (for dinner/tonight/with leftovers) | how long does
  {food_type:dishes} (take/keep)
datetime_query | (time/date/the time please/current time/what's the time/time please/the date/day
  and date) | (do you have/can you tell me/could you give me/i need) the (time/date)[ please] |
  what (day/date) (was it/is it) {date:near} | what (date/day) is (next/this) {date:weekday} |
  what date (is/will be) {date:day} | (is it/are we in) {date:weekday} (yet/already) | what time
  (is it/it is) (over ){place_name:place} | (tell me/give me) the (time/current time) (in/of)
  {place_name:place} | how many (days/weeks) (are left in/until) (the
  year/{event_name:feast}/summer/{date:monthday}) | how long (until/till)
  ({event_name:feast}/{date:day}/{time:clock}) | what day (is/does) {event_name:feast} (on/fall
  on)[ this year] | which day of the week is it {date=today} | what
  (year/century/month/week/season) (are we in/is this) | when (is/was) {event_name:feast} | is
  {date=today} (a holiday/{date:weekday}/a leap day) | what is {date=today} | current (date/time)
  in {place_name:place} | what hour is it
datetime_convert | (what is/what's) {time:clock} in {place_name:place} (in/for) {place_name:place}
  | what time (will it be/is it) in {place_name:place} (when it is/if it is/at) {time:clock}[
  (here/in {place_name:place})] | how (many hours/far) (ahead/behind) is {place_name:place}[ from
  {place_name:place}] | (what is the/tell me the) time (zone/difference) (in/for/to)
  {place_name:place} | (convert/switch/change) {time:clock} (to/into) {place_name:place} time |
  what {time_zone:zones} time is {time:clock} | is {place_name:place} (ahead of/behind)
  {place_name:place} | what time zone (am i in/are we in/is {place_name:place} in) | (switch/set)
  (the clock/my time zone/time) to {time_zone:zones}[ time]
alarm_set | (alarm/wake me up/set an alarm/set alarm/new alarm/i need an alarm/set a timer)[
  please] | (can you/could you/please/i want you to) (set an alarm/wake me up) (for/at)
  {time:clock}[ {date:soon}] | (i want/i have/i need) to be up (by/at) {time:clock}[ {date:soon}]
  | (set/make) (two/three) alarms for {time:clock} and {time:clock} | make sure i am (awake/up)
  (by/at) {time:clock} | set an alarm {general_frequency:frequency} (at/for) {time:clock} |
  (set/put) an alarm (on/for) {date:weekday} at {time:clock} | (change/move/reset) (my/the) alarm
  to {time:clock} | (alarm/timer) (for/in) {time:while} | set alarm for (my ){event_name:event}
  {date:soon}[ at {time:clock}] | (ring/buzz/beep) me at {time:clock} | don't let me sleep
  (past/after) {time:clock} | snooze for {time:while} | get me up at {time:clock}[ {date:soon}]
alarm_query | (alarms/my alarms/show alarms/check alarms/check my alarm/alarm status) |
  (what/when) time (am i waking up/did i set my alarm for/will my alarm go off)[ {date:soon}] |
  (did i/have i) (set/turn on) (an alarm/my alarm/the alarm)[ for {time:clock}/ for {date:soon}] |
  (how many/which) alarms (are on/are set/do i have)[ {date:soon}] | (are/is) (any/my)
  (alarms/alarm) (on/set/active)[ {date:soon}] | when (does/will) (my/the)[ next] alarm (ring/go
  off) | (is the {time:clock} alarm on/do i have a {time:clock} alarm) | how long until my alarm |
  tell me (about my alarms/when my alarm is) | do i have (to wake up/any alarms) {date:soon} | is
  there an alarm for my {event_name:event}
alarm_remove | (cancel alarm/delete alarm/remove alarm/no alarms/stop alarm/disable all
  alarms/turn off my alarms) | (i don't need/no) (the/an/my) alarm[ for {time:clock}][
  {date:soon}] | (don't wake me up/no need to wake me)[ at {time:clock}][ {date:soon}] | (get rid
  of/clear/erase) (my/the/all) (alarm/alarms)[ for {date:soon}] | (can you/please) (cancel/turn
  off/delete) my {time:clock} alarm | remove my {alarm_type:alarm} alarm | (turn off/cancel) the
  alarm (i set/for) (for ){event_name:event} | delete the alarm (for/on) {date:weekday}[ at
  {time:clock}]
qa_definition | (what's/what is) (a/an/the) {definition_word:words} | what do you (mean by/know
  about/call) (a ){definition_word:words} | (give/tell) me (details/information/more) (on/about)
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
qa_stock | (stocks/stock prices/stock market/my stocks/the dow/market update) | (what's/how much
  is) {business_name:company} (at/worth/selling for)[ {date:ago}] | {business_name:company}
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
qa_currency | (exchange rate/currency rates/convert money/exchange rates/currency) | (what's/tell
  me/give me) the (rate/conversion/conversion rate/exchange) (of/for/from)
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
qa_maths | (compute/calculate/solve/work out) {:few} (plus/minus/times/divided by) {:few} | {:few}
  (and/divided by/multiplied by/over) {:few} | (what's/how much is) {:few} and {:few} | how many
  times does {:few} go into {:few} | what is {:few} percent of {:few} | what is half of {:few} |
  (double/triple) {:few} | (do some math/i have a math problem/open the calculator/help me with
  math) | {:few} squared | what is the (difference between/average of/remainder of) {:few} and
  {:few} | round {:few} | is {:few} (a prime number/even/bigger than {:few}) | if i have {:few}
  apples and eat {:few} how many are left | what do i get if i (add/subtract) {:few} (and/from)
  {:few}
play_game | (play a game/games/let's play/start a game/open a game/i want to play a game/play
  something fun) | (do you/wanna/want to/would you like to) (know how to play/play)
  {game_name:games} | (can we/let us/shall we) play {game_name:games} |
  (start/open/launch/begin/run) (the game ){game_name:games}[ please] | {game_name:games}[ please]
  | i (feel like/am in the mood for/would like) (playing/a round of) {game_name:games} | i
  challenge you to {game_name:games} | play {game_name:games} (against me/with {:name}/again) |
  (resume/continue) (my/the) {game_name:games}[ game] | set up (a game of/a board of)
  {game_name:games} | (get/load) {game_name:games} (ready/up) | (what/which) games (can we play/do
  you have/do you know)
music_settings | {player_setting:playing} (it/this one/music/songs/all songs) |
  {player_setting=shuffle} (my/all) (songs/music/playlist) | {player_setting=repeat} (this/the
  last) (song/track)[ please] | turn (off/on) {player_setting:playing}[ mode] |
  (stop/disable/enable) {player_setting:playing} | {player_setting=skip} (this/the) (song/track) |
  play (this/the) song on {player_setting=repeat} | (set/make) {player_setting:playing} (on/off) |
  put (this song/the album) on {player_setting=loop}
iot_hue_lightoff | (lights out/no lights/no more light/kill the lights/it's bed time lights
  off/turn off lights) | (can you/please/could you) (turn/switch/shut) (off the/the) lights[ off][
  in the {house_place:rooms}] | (shut/switch) the {house_place:rooms} light off | i don't need the
  (light/lights)[ in the {house_place:rooms}] | turn off (the/all the) {house_place:rooms}
  (light/lights) | i am (leaving/going to bed) turn off the lights[ in the {house_place:rooms}] |
  turn off (all/every) (light/lights)[ at {time:clock}] | (darken/make it dark in) the
  {house_place:rooms}
iot_hue_lighton | (light please/lights please/turn on lights/let there be light/it's dark in
  here/i need light/give me light) | (can you/please) turn on the lights[ in the
  {house_place:rooms}] | turn on (the/all the) {house_place:rooms} (light/lights) | i (can't
  see/need light) in the {house_place:rooms} | (light/light up) the {house_place:rooms}
iot_hue_lightchange | (party mode/mood lighting/disco lights/different color lights/new light
  color) | (can you/please) (change/make/turn) the lights[ in the {house_place:rooms}]
  {color_type:colors} | (give me/i'd like/put on) {color_type:colors} (light/lights)[ in the
  {house_place:rooms}] | {color_type:colors} (light/lights) in the {house_place:rooms} |
  (set/switch) the {house_place:rooms} (light/lights) to {color_type:colors} | change (my/the)
  {house_place:rooms} light (color/colour)[ to {color_type:colors}] | make (it/everything)
  {color_type:colors}[ in the {house_place:rooms}] | set the mood[ in the {house_place:rooms}] |
  change the light (setting/theme/color)
iot_hue_lightdim | (dim the lights/lower lights/dimmer please/less light/softer light/reduce the
  brightness) | (reduce/decrease/bring down) the (light/lights/brightness)[ in the
  {house_place:rooms}][ {change_amount:amount}] | (can you/please) dim the {house_place:rooms}[
  lights] | the {house_place:rooms} is too bright | the lights are too bright[ in the
  {house_place:rooms}] | (set/put) the {house_place:rooms} (light/lights) (lower/dimmer)
iot_hue_lightup | (more light/brighter/lights up/brighter lights/full brightness) | (can
  you/please) (brighten/turn up) the {house_place:rooms}[ lights] | it's too dark in (here/the
  {house_place:rooms}) | (increase/bring up/boost) the (light/lights)[ in the
  {house_place:rooms}][ {change_amount:amount}] | (make/set) the (light/lights) brighter[ in the
  {house_place:rooms}] | i need more light[ in the {house_place:rooms}]
iot_coffee | (coffee/coffee time/make coffee/brew coffee/start coffee/coffee now/i need caffeine)
  | (can you/please/could you) (make/brew/start/prepare) (me some/some/a) coffee | i (am tired
  make/want/could use) (some/a) coffee | (a/one) {coffee_type:brew} please | (start/begin)
  brewing[ at {time:clock}] | (make/brew) (two cups of/a pot of) coffee[ for {time:clock}] | is
  the coffee ready | get the {device_type:brewer} (going/ready)[ at {time:clock}] | (turn
  on/switch on) the {device_type:brewer}[ at {time:clock}] | i'll have a {coffee_type:brew}[
  coffee]
iot_cleaning | (clean up/vacuum/start cleaning/vacuum please/clean now/it's dirty in here) |
  (the/my) {house_place:rooms} (is dirty/needs cleaning/needs to be vacuumed) | (can you/please)
  (vacuum/clean) the {house_place:rooms}[ at {time:clock}][ {date:soon}] |
  (start/run/activate/turn on) the {device_type:robot}[ now/ at {time:clock}] | (vacuum/clean) the
  (floor/carpet/house)[ in the {house_place:rooms}] | (tell/have) the {device_type:robot} (to
  start/to clean/start) [the {house_place:rooms}] | {device_type:robot} (on/start/clean) |
  schedule (a cleaning/cleaning/the {device_type:robot}) for {date:day}
iot_wemo_on | (can you/please) (turn/switch) on (the/my) {device_type:plug} | {device_type:plug}
  on[ please] | (enable/power on) the {device_type:plug} | turn the {device_type:plug} on[ in the
  {house_place:rooms}]
iot_wemo_off | (can you/please) (turn/switch) off (the/my) {device_type:plug} | {device_type:plug}
  off[ please] | (disable/power off/unplug/shut down) the {device_type:plug} | turn the
  {device_type:plug} off[ in the {house_place:rooms}][ at {time:clock}]
audio_volume_up | (volume up/sound up/more volume/higher/increase volume/louder please/full
  volume/max volume) | (can you/please/could you) (turn it up/speak up/turn up the
  {device_type:sound})[ a little] | (turn up/increase) the volume (of/on) (the/my)
  {device_type:sound} | i (need it/want it) louder | (too quiet/it's too quiet/you're too quiet) |
  make the (music/sound/volume) louder | (raise/bring) the (volume/sound) (level/up)[
  {change_amount:level}]
audio_volume_down | (volume down/sound down/less volume/lower/decrease volume/quieter please/low
  volume) | (can you/please/could you) (turn it down/lower your voice/turn down the
  {device_type:sound})[ a little] | (turn down/lower) the volume (of/on) (the/my)
  {device_type:sound} | (you're/that's) too loud | make the (music/sound/volume) (softer/lower) |
  (bring/turn) (the sound/it) down[ {change_amount:level}]
audio_volume_mute | (hush/shush/sh/silence please/no sound/sound off/volume off/mute please/stop
  speaking/silent mode/quiet please) | (turn/shut) off the (sound/volume/speakers) | (can
  you/please/could you) (be quiet/mute/stop talking)[ for {time:while}] | (mute/silence) the
  {device_type:sound} | (unmute/turn off mute/sound on) | stop (the music/making noise) | i
  (need/want) (quiet/silence)[ for {time:while}] | (mute/silence) (all/my) (notifications/alerts)[
  until {time:clock}]
general_joke | (joke/joke please/jokes/another joke/tell another joke/more jokes/be funny/humor
  me/crack a joke/entertain me with a joke) | (tell/give/read) me (something funny/a
  {joke_type:jokes} one/another {joke_type:jokes} joke) | (do you know/got) any (good )jokes about
  {joke_type:beasts} | (say/do) something funny | what's (a/your/the) {joke_type:jokes} joke | i
  (need/could use) a (laugh/{joke_type:jokes} joke) | why did the chicken cross the road
general_greet | (hey/hi/hello/yo/good afternoon/good day/howdy/what's up/sup)[ olly/ buddy/
  everyone] | (nice to meet you/how do you do/how's it going/how are things) | say (hi/hello)[ to
  (my {:relations}/everyone)]
email_addcontact | (new contact/add contact/add a contact/save contact/save this email/create
  contact) | (save/add/store) (this/that/the) (email address/sender/number/address)[ to my
  contacts/ for {person:name}] | (create/make) a[ new] contact (for {person:name}/called
  {person:name}/with {email_address:address}) | (add/save) {email_address:address} (for/to)
  {person:name} | add (my {relation:relations}/{person:name's} number) to my (contacts/address
  book) | (update/change) {person:name's} email[ to {email_address:address}] | i want to add
  {person:name} to my contacts
]]
