-- home_plans.lua: what people ask a voice assistant at home about their plans, lists and messages.
-- Read as home.lua says.

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
  (a/an) {event_name:event} for {date:soon} {timeofday:part} | (can you/could you/would you/i want
  to/i need to/i'd like to) (schedule/add/put/set up/create) (a/an/my) {event_name:event}[ for/
  on] {date:day}[ at {time:clock}] | {event_name:event} with {person:name} (on
  {date:day}/{date:soon})[ at {time:clock}] | (new/create an/make a) (event/appointment/calendar
  entry) {event_name:event} {date:soon} | (please/can you) remind me {date:soon} to
  {event_name:deed} | (i have to/i need to/i must) {event_name:deed} {date:soon}[ at {time:clock}]
  remind me | at {time:clock} remind me to {event_name:deed} | on {date:day} remind me (about/of)
  {event_name:event} | make sure i (remember to/don't forget to) {event_name:deed}[ {date:soon}] |
  (note/write down) that i have a {event_name:event} {date:soon} | (block/block off/save)
  {date:day} for {event_name:event} | (block out/clear) {date:soon} {timeofday:part} for
  {event_name:event} | put in my calendar {event_name:event} {date:soon} at {time:clock} | i (am
  meeting/am seeing/will meet) {person:name} {date:soon} at {time:clock} | {person:name} and i are
  having {meal_type:meal} {date:soon} | set up a {event_name=call} with {person:name} {date:soon}[
  at {time:clock}] | (alert/notify/tell/text) me {time:while} before {event_name:event} |
  (alert/notify) me when it is time (for/to go to) {event_name:event} |
  (change/move/reschedule/push) my {event_name:event} to {date:day}[ at {time:clock}] | (make/set)
  {event_name:event} (repeat/a repeating event) {general_frequency:frequency} | {event_name:event}
  {general_frequency:frequency} | i have {event_name:event} {general_frequency:frequency} at
  {time:clock} | remind me of {person:name's} {event_name=birthday} | my {relation:relations's}
  {event_name=birthday} is {date:monthday} | (add/send) a reminder for the {event_name:event} to
  {person:name} | invite (my {relation:relations}/{relation:role}) to the {event_name:event} |
  invite {person:name} and {person:name} to {event_name:event} {date:soon} | plan a
  {event_name:event} (for/on) {date:day} | we are having a {event_name:event} at
  {place_name:place} {date:soon} | i am going to {place_name:place} {date:soon} remind me to
  {event_name:deed} | (set/add) a notification (for {event_name:event}/on {date:day}) |
  (set/create) a reminder | add an event | schedule (something/a day off) for {date:day} |
  (mark/flag) my calendar for {event_name:event} | put (this/it) on my calendar | (save/keep) the
  date {date:monthday} for {event_name:event} | add location {place_name:place} to my
  {event_name:event} | remind me to {event_name:deed} {timeofday=tonight}[ at {time:clock}] |
  {meal_type=dinner} with {person:name} {timeofday=tonight} at {time:clock}
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
  {event_name:meets} for the {time:span} | when is my {event_name:event} with {person:name} | (is
  there/have i got/do i have) (something/anything) {date:when} | (how does/what does) my
  {date:soon} look[ like] | how (busy/booked) am i {date:when} | am i doing anything {date:when}[
  {timeofday:part}] | what are my (plans/commitments/appointments/events) {date:when} |
  (what/which) (appointments/events) are (coming up/left/on my calendar) {date:when} |
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
calendar_remove | (delete/remove/cancel/clear/erase) [my/the ]{event_name:event}[ (on/from/for)
  {date:day}][ at {time:clock}] | (delete/cancel/remove) (my/the/all)
  (events/{event_name=appointments}) {date:when} | (clear/empty) my calendar {date:when} |
  (remove/delete/cancel) the next (event/ appointment/reminder)[ from my calendar] |
  (cancel/delete) my {date:near's} {event_name:event} | please (cancel/remove) my
  {event_name=meeting} with {person:name}[ {date:near}] | take {event_name:event} off my calendar
  | i (can't/am not going to) make it to the {event_name:event} so (remove/delete) it |
  (cancel/delete) my {time:clock} {event_name:event}[ {date:near}] | erase all events (in/from)
  (my/the) calendar | (cancel/remove) {meal_type:meal} with {person:name} {date:near} | forget
  about (the/my) {event_name:event}[ on {date:day}] | (clear/delete) my (calendar/schedule/events)
  for the {time:span} | cancel all {event_name:meets} {date:soon} | (can you/could you/please/i
  want to/i need to) (delete/cancel/remove) (my/the) {event_name:event}[ {date:near}] |
  {event_name:event} (is/has been) (cancelled/called off/over)[ remove it] | (get rid
  of/drop/scratch/wipe) (my/the) {event_name:event}[ {date:near}] | (cancel/delete) everything
  {date:when} | i no longer (have/need) (a/the) {event_name:event} | i am not (going to/attending)
  (the/my) {event_name:event} {date:near} | (delete/cancel) my (next/last/first)
  {event_name=meeting}[ {date:near}] | (delete/remove) the (event/reminder/entry)
  (for/about/called) {event_name:event} | (clear/free up) {date:soon} {timeofday:part} |
  (cancel/delete) all my (reminders/events/{event_name=appointments}) | (delete/remove/cancel)
  (this/that/the) (event/reminder/appointment) | stop reminding me (about {event_name:event}/to
  {event_name:deed}) | cancel the reminder to {event_name:deed} | remove {person:name's}
  {event_name=birthday}[ from my calendar] | cancel {date:near's} {event_name=meeting} with
  {person:name} | remove {event_name:event} at {time:clock} | (delete/erase) the
  {event_name:event} with (my {relation:relations}/{relation:role}) | (take/remove) everything
  (off/from) my calendar
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
  {relation:role} | has {business_name:company} (emailed/replied to) me | (email/check email/my
  inbox/emails/any emails/new emails/check mail/new mail) | (open/show/go to) my
  {email_folder:folder}[ folder] | (how many/are there any) (unread emails/emails) in my
  {email_folder=inbox} | (have/has) {person:name} (sent me anything/sent me an email/emailed)[
  {date:ago}] | what (did/has) {person:name} (send/write)[ me][ {date:ago}] | (read/show me/play)
  (my/the) (last/latest/newest/most recent/new/unread) (email/emails/messages) | read
  (it/that/this email/the next email) | who (emailed/wrote) me[ {date:ago}] | (find/search
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
  (about my bill/that their service is bad/for help) | send [an ]email to {:company} | (can
  you/could you/i need to/please) (send/write/email) (an email to ){person:name}[ for me] |
  (email/write to/message) {person:name} (about/regarding) [my/the ]{event_name:event} |
  (email/tell/write to) {person:name} that the {event_name:event} is (cancelled/moved/at
  {time:clock})[ {date:near}] | (email/ask) {person:name} (to meet/to call me/to come) at
  {time:clock}[ {date:near}] | email {person:name} my (address/notes/itinerary/regards) |
  (compose/create/draft/start/begin) (an/a new) email | (new email/send email/write email/send an
  email/send a message/reply/reply to this/reply all/send it/reply to the last email) | email to
  {person:name} | (send/shoot/drop) {person:name} (an email/a quick email/a note)[ about
  {event_name:event}] | (reply/respond/write back) to (this email/{person:name}) (saying/with)
  (yes/no/thanks/i will be there/sounds good) | (ask/email) my {relation:relations} (about
  {meal_type:meal}/what time dinner is/how she is) | (send/email) my {relation:relations} (a
  picture/the list/my love/a reminder) | let {person:name} know (i am on my way/i will be late/the
  time/about the {event_name:event}) | tell {person:name} (i miss him/i said hello/to call me) (in
  an/by) email | (thank/congratulate/invite) {person:name} by email | email {relation:role} that i
  (am sick/will be out/quit) {date:near} | send (this/it/the photo/the document) to {person:name}[
  and {person:name}] | (cc/copy) {person:name} on (this/the) email | (send/email)
  {email_address:address} | send an email to {email_address:address} (about the
  {event_name:event}/saying hello) | remind {person:name} by email about the {event_name:event} |
  forward {person:name's} email to {person:name} | forward the last email to my
  {relation:relations}
email_querycontact | (what is/what's/tell me/show me/give me/find) {person:name's}
  {personal_info:facts} | (what is/ what's) my {relation:relations's} {personal_info:facts} | do i
  have {person:name's} {personal_info:facts}[ in my contacts] | what is the {personal_info:facts}
  (of/for) {person:name} | (find/show me/open/look up) {person:name}[ in my contacts] | how
  (can/do) i (reach/contact) {person:name} | where does {person:name} (work/ live) | (show/list)
  [me/all ]my contacts | who is {person:name} | when is {person:name's} {event_name=birthday} |
  call {person:name} | show me the {personal_info:facts} for my {relation:relations} | (what/when)
  is my {relation:relations's} {event_name=birthday} | (pull up/bring up/display/get)
  {person:name's} (contact/contact information/details) | {person:name's} {personal_info:facts} |
  (do i have/have i got) (a/the) {personal_info:facts} for {person:name} | (is/do i have)
  {person:name} (in my contacts/on my contact list) | what is (the/his/her) {personal_info:facts}
  | does {person:name} have (an {personal_info=email}/a {personal_info=phone}) | give me the
  {personal_info:facts} of my {relation:relations} | how (many/do i see my) contacts (do i have) |
  who (called/is calling/do i know in {place_name:place}) | (find/search) (my contacts
  for/contact) {person:name} | what (company/job) does {person:name} (work for/have) | where does
  my {relation:relations} live | i need {person:name's} {personal_info:facts} | (open/show) my
  (contacts/address book/contact list) | contact {person:name} | look up {person:name's}
  {personal_info:facts}[ please] | tell me the {personal_info:facts} of {person:name}
email_addcontact | add {email_address:address} to my contacts | (save/add) {person:name's}
  (email/email address) to my contacts | (save/add/create) (this/a new) (email/contact)[ to my
  contacts] | add {person:name} to my contacts | put {email_address:address} in my (address
  book/contact list) | save {email_address:address} as {person:name} | (new contact/add
  contact/add a contact/save contact/save this email/create contact) | (save/add/store)
  (this/that/the) (email address/sender/number/address)[ to my contacts/ for {person:name}] |
  (create/make) a[ new] contact (for {person:name}/called {person:name}/with
  {email_address:address}) | (add/save) {email_address:address} (for/to) {person:name} | add (my
  {relation:relations}/{person:name's} number) to my (contacts/address book) | (update/change)
  {person:name's} email[ to {email_address:address}] | i want to add {person:name} to my contacts
datetime_query | what time is it[ now/ right now][ in {place_name:place}] | (what is/what's) the
  (time/current time) in {place_name:place} | (what's/what is) {date=today's} date | what is the
  date {date:near} | what day is {date:day} | what day of the week is {date:monthday} | tell me
  the (time/date) | what (day/date) is it {date=today} | when is {event_name:feast}[ {date=this
  year}] | what (month/year) is it | how many days (until/till) {event_name:feast} | is it
  {date:weekday} {date=today} | {place_name:place} time | (time/date/the time please/current
  time/what's the time/time please/the date/day and date) | (do you have/can you tell me/could you
  give me/i need) the (time/date)[ please] | what (day/date) (was it/is it) {date:near} | what
  (date/day) is (next/this) {date:weekday} | what date (is/will be) {date:day} | (is it/are we in)
  {date:weekday} (yet/already) | what time (is it/it is) (over ){place_name:place} | (tell me/give
  me) the (time/current time) (in/of) {place_name:place} | how many (days/weeks) (are left
  in/until) (the year/{event_name:feast}/summer/{date:monthday}) | how long (until/till)
  ({event_name:feast}/{date:day}/{time:clock}) | what day (is/does) {event_name:feast} (on/fall
  on)[ {date=this year}] | which day of the week is it {date=today} | what
  (year/century/month/week/season) (are we in/is this) | when (is/was) {event_name:feast} | is
  {date=today} (a holiday/{date:weekday}/a leap day) | what is {date=today} | current (date/time)
  in {place_name:place} | what hour is it
datetime_convert | (if it is/when it is/it is) {time:clock} in {place_name:place} what time is it
  in {place_name:place} | what is the time difference between {place_name:place} and
  {place_name:place} | convert {time:clock} {time_zone:zones}[ time] to {time_zone:zones} | change
  (the/my) time zone to ({place_name:place}/ {time_zone:zones}) | what time is {time:clock}
  {time_zone:zones} in {time_zone:zones} | (what is/what's) {time:clock} in {place_name:place}
  (in/for) {place_name:place} | what time (will it be/is it) in {place_name:place} (when it is/if
  it is/at) {time:clock}[ (here/in {place_name:place})] | how (many hours/far) (ahead/behind) is
  {place_name:place}[ from {place_name:place}] | (what is the/tell me the) time (zone/difference)
  (in/for/to) {place_name:place} | (convert/switch/change) {time:clock} (to/into)
  {place_name:place} time | what {time_zone:zones} time is {time:clock} | is {place_name:place}
  (ahead of/behind) {place_name:place} | what time zone (am i in/are we in/is {place_name:place}
  in) | (switch/set) (the clock/my time zone/time) to {time_zone:zones}[ time]
alarm_set | (set/create/add/make) an alarm (for/at) {time:clock}[ {date:soon}] | wake me up at
  {time:clock}[ {date:soon}/ {general_frequency:frequency}] | (set/put) [my/the ]alarm for
  {time:clock}[ on {date:weekday}] | set an alarm for {date:soon} {timeofday:part} at {time:clock}
  | set an alarm in {time:while} | (set a/start a) {time:while} (timer/alarm) | alarm {time:clock}
  | i need to (wake/get) up at {time:clock}[ {date:soon}] | wake me in {time:while} | set my
  {alarm_type:alarm} alarm for {time:clock} | set an alarm for {time:clock} to {event_name:deed} |
  (set/i want/i need/make) a {alarm_type=wake up} alarm (for/at) {time:clock}[ {date:soon}] |
  (alarm/wake me up/set an alarm/set alarm/new alarm/i need an alarm/set a timer)[ please] | (can
  you/could you/please/i want you to) (set an alarm/wake me up) (for/at) {time:clock}[
  {date:soon}] | (i want/i have/i need) to be up (by/at) {time:clock}[ {date:soon}] | (set/make)
  (two/three) alarms for {time:clock} and {time:clock} | make sure i am (awake/up) (by/at)
  {time:clock} | set an alarm {general_frequency:frequency} (at/for) {time:clock} | (set/put) an
  alarm (on/for) {date:weekday} at {time:clock} | (change/move/reset) (my/the) alarm to
  {time:clock} | (alarm/timer) (for/in) {time:while} | set alarm for (my ){event_name:event}
  {date:soon}[ at {time:clock}] | (ring/buzz/beep) me at {time:clock} | don't let me sleep
  (past/after) {time:clock} | snooze for {time:while} | get me up at {time:clock}[ {date:soon}]
alarm_query | (what/which) alarms do i have[ set][ for {date:soon}] | (what time is/when is) my[
  next] alarm[ set for] | (show/list/tell) me my alarms | is my alarm (on/set) for {time:clock}[
  {date:soon}] | do i have an alarm (set/on)[ for {time:clock}] | is there an alarm (set/on) for
  {date:soon} {timeofday:part} | (alarms/my alarms/show alarms/check alarms/check my alarm/alarm
  status) | (what/when) time (am i waking up/did i set my alarm for/will my alarm go off)[
  {date:soon}] | (did i/have i) (set/turn on) (an alarm/my alarm/the alarm)[ for {time:clock}/ for
  {date:soon}] | (how many/which) alarms (are on/are set/do i have)[ {date:soon}] | (are/is)
  (any/my) (alarms/alarm) (on/set/active)[ {date:soon}] | when (does/will) (my/the)[ next] alarm
  (ring/go off) | (is the {time:clock} alarm on/do i have a {time:clock} alarm) | how long until
  my alarm | tell me (about my alarms/when my alarm is) | do i have (to wake up/any alarms)
  {date:soon} | is there an alarm for my {event_name:event}
alarm_remove | (turn off/cancel/remove/delete/disable) (my/the) {time:clock} alarm[ for
  {date:soon}] | (cancel/ delete/remove) (all/all my/my) alarms[ for {date:soon}] | (stop/turn
  off) the alarm | remove the alarm (for/set for/at) {time:clock}[ {date:soon}] | delete my
  {date:soon} {timeofday:part} alarm | (cancel alarm/delete alarm/remove alarm/no alarms/stop
  alarm/disable all alarms/turn off my alarms) | (i don't need/no) (the/an/my) alarm[ for
  {time:clock}][ {date:soon}] | (don't wake me up/no need to wake me)[ at {time:clock}][
  {date:soon}] | (get rid of/clear/erase) (my/the/all) (alarm/alarms)[ for {date:soon}] | (can
  you/please) (cancel/turn off/delete) my {time:clock} alarm | remove my {alarm_type:alarm} alarm
  | (turn off/cancel) the alarm (i set/for) (for ){event_name:event} | delete the alarm (for/on)
  {date:weekday}[ at {time:clock}]
lists_createoradd | add {:groceries}[ and {:groceries}] to (my/the) {list_name:lists} list | put
  {:groceries} on (my/ the) {list_name:lists} list | (create/make/start) (a/a new/me a)
  {list_name:lists} list | (create/make/start) a[ new] list[ for me] | add {event_name:deed} to my
  {list_name=to do} list | i need (to buy {:groceries}/{:groceries}) add it to the
  {list_name:lists} list | new list | open my {list_name:lists} list and add {:groceries} | make a
  list (of/for) {list_name:purpose} | add (this/an item/something) to (my/the)[ {list_name:lists}]
  list | (i need/i want/we need/we are out of/i am out of/we ran out of) {:groceries}[ and
  {:groceries}] | put {event_name:deed} on my {list_name=to do} list | (add/put) (one more
  thing/another item/{:groceries}) (to/on) (the/my) list | (start/make/create) a list
  (called/named) {list_name:purpose} | (start/create/make) a list of {list_name:purpose} | i
  (want/need) (a/a new/to make a) list | (new/create) {list_name:lists} list | (write/note) down
  {:groceries} | include {:groceries} (in/on) (my/the) {list_name:lists} list | (make/take) a
  note[ to {:groceries}] | add (it/that/them) to my {list_name:lists} list | (add/put)
  {:groceries} {:groceries} and {:groceries} (to/on) my {list_name:lists} list | (can
  you/please/could you) add {:groceries} to (the/my) list | add {person:name} to my
  {list_name:lists} list | (save/update/edit/change) (the/my) {list_name:lists} list | don't let
  me forget to buy {:groceries}
lists_query | what's on my {list_name:lists} list | (read/show me/open/check/find) (my/the)
  {list_name:lists} list | (what/ how many) (items/things) are on my {list_name:lists} list | is
  {:groceries} on my {list_name:lists} list | what lists do i have | (show/read) me (my/all my)
  lists | what do i (have/still have) on my list | tell me what is on the {list_name:lists} list |
  what's next on my {list_name:lists} list | do i have a {list_name:lists} list | what do i need
  to (buy/get) | (my lists/show lists/what lists/open lists/lists) | (what/which) lists (are
  there/have i made/are available/do i have saved) | how many lists do i have | (what is/what's)
  (in/on) (this/that/the/my) list | (did i/have i) (add/put) {:groceries} (to/on) (the/my)
  {list_name:lists} list | (do i/do we) (need/have) {:groceries} on the list | (do i have/is
  there) {:groceries} on (my/the) list | (read/say/tell me) the items (on/in) (my/the)
  {list_name:lists} list | what (else )do i need (from the store/at the store) | what (is
  left/remains) on my {list_name:lists} list | (display/bring up/view/review) (my/the)
  {list_name:lists} list | what did i put on my {list_name:lists} list[ {date:ago}] | what are
  (the/my) {list_name:purpose} | list my {list_name:purpose} | what is the (first/last)
  (item/thing) on my {list_name:lists} list | what is on my {list_name:lists} list {date:near}
lists_remove | (remove/delete/take) {:groceries} (from/off) (my/the) {list_name:lists} list |
  (delete/remove/erase/clear) (my/the) {list_name:lists} list | (delete/remove) (the/this/that)
  (list/last item) | delete {:groceries} from the list | take {:groceries} off the list | i don't
  need {:groceries} anymore remove it from my {list_name:lists} list | get rid of my
  {list_name:lists} list | i (bought/have) {:groceries} take it off my {list_name:lists} list |
  (remove/delete/erase) (it/this/that/them/everything/all items/the first item) from (my/the)
  {list_name:lists} list | (remove/delete) (a/my/the whole) list | (cross/scratch/check)
  {:groceries} off[ (my/the) {list_name:lists} list] | (clear/empty/wipe) (my/the) list |
  (remove/delete) {:deed} from my {list_name=to do} list | i am done with (my/the)
  {list_name:lists} list | (delete/remove) the list (of/called) {list_name:purpose} | i (don't
  want/don't need/already have/got) {:groceries} | drop {:groceries} from (the/my) list |
  (delete/remove) {person:name} from (my/the) {list_name:lists} list | (delete/remove) (all/all
  my/every) lists
social_post | ({media_type=tweet}/post) [that ]i am (at the {:shops}/so happy/bored/tired/hungry)[
  (on/to) {media_type:networks}] | post [this/a photo/my status ](on/to) {media_type:networks} |
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
  still waiting/i want my money back) | {media_type=tweet} {business_name:company} about (the
  delay/my refund) | (post/{media_type=tweet}/share) (this/it/a picture/something/hello)[ on my
  {media_type:networks}] | post (good morning/happy birthday/that i am home) on (my
  ){media_type:networks} | (write/make/create) a (post/status)[ on {media_type:networks}] |
  (send/post) a {media_type=tweet} (saying/about) (i love this/good night/how bad the service
  is/{:topics}) | {media_type=tweet} (good morning/about my day/that i love {:dishes}/a picture of
  my dog) | {media_type=tweet} at {business_name:company} | (wish/tell) {person:name} happy
  birthday on {media_type:networks} | (change/set/update) my (status/{media_type:networks} status)
  to (busy/single/happy/away) | (check in/tag me) at {place_name:spot}[ on {media_type:networks}]
  | (like/share/retweet) {person:name's} (post/photo/{media_type=tweet}) | (comment/reply) on
  {person:name's} post | message {person:name} on {media_type:networks} | (complain/send a
  complaint/send a message) to {business_name:company}[ about (my order/the noise/my bill/bad
  service)] | i want to (complain/file a complaint/complain on {media_type:networks})[ about
  {business_name:company}] | {business_name:company} (has terrible service/lost my bag/sucks)[
  {media_type=tweet} that] | (my/the) (internet/phone/flight/package) (is down/is late/was
  cancelled/never came) (tell/let) {business_name:company} (know) | send (feedback/a thank you) to
  {business_name:company} | {media_type=tweet} to {business_name=customer service} | (ask/tell)
  {business_name:company} (why it is so slow/to fix my phone/when it opens)[ on
  {media_type:networks}] | follow {person:people} on {media_type:networks}
social_query | (what's/anything) new on {media_type:networks} | (check/open/show me) my
  {media_type:networks}[ feed/ notifications/ messages/ account] | do i have any[ new]
  (notifications/messages/likes) on {media_type:networks} | did {person:name} post[ anything] on
  {media_type:networks}[ {date:ago}] | what (is/are) (trending/my {relation=friends} doing) on
  {media_type:networks} | who (liked/commented on/shared) my (post/photo/status)[ on
  {media_type:networks}] | what did {person:name} post[ {date:ago}] | any updates from my
  {relation:relations} on {media_type:networks} | how many likes does my picture have |
  (twitter/facebook/notifications/social media/my feed) | what are (people/my {relation=friends})
  (saying/posting/talking about)[ on {media_type:networks}] | (who/what) is (online/trending)[ on
  {media_type:networks}] | (any/are there any) (new tweets/friend
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
]]
