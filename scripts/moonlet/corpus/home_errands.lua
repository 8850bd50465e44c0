-- home_errands.lua: what people ask a voice assistant at home about trips, places, meals and the
-- things in the house. Read as home.lua says.

return [[
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
  {transport_name:express} (leave/arrive) | what time is the {transport_name:express} | (when/what
  time) (is/leaves) the (next/first/last) {transport_type:ride} (to {place_name:place}/from
  {place_name:place}) | (is/are) there (a/any) {transport_type:ride} (running/going) to
  {place_name:place} {date:near} | (what/which) {transport_type:ride} (do i take/goes/should i
  take) to {place_name:spot} | how (often/late) do the {transport_type:rides} run |
  (show/get/tell) me the (way/route/directions) (to/for) {place_name:spot} | how do i
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
transport_ticket | (book/buy/get/order/reserve) [me ](a/one/two) {transport_type:ride}
  (ticket/tickets) to {place_name:place}[ {date:when}][ at {time:clock}] | (book/find) a
  {transport_type:ride} from {place_name:place} to {place_name:place}[ {date:when}] | i need a
  {transport_type:ride} ticket[ to {place_name:place}][ {date:when}] | how much (is/are)
  {transport_type:ride} (tickets/a ticket) to {place_name:place} | get me a (seat/ticket) on the
  {time:clock} {transport_type:ride} to {place_name:place} | find the cheapest
  {transport_type:ride} ticket to {place_name:place} | (book/purchase/buy) (train/plane/bus)
  tickets (to/for) {place_name:place} | book {transport_type:ride} tickets (to/for/from)
  {place_name:place}[ {date:when}] | i (want/would like/need) (a/to buy a/to book a) ticket
  (to/for) {place_name:place}[ {date:when}] | i (want/need) to (go/travel) to {place_name:place}
  by {transport_type:ride}[ {date:when}] | (get/book) me on the (next/first) {transport_type:ride}
  to {place_name:place} | (book/get) a (round trip/return/one way) {transport_type:ride} ticket to
  {place_name:place} | (are there/any) {transport_type:ride} tickets (available/left) (to/for)
  {place_name:place}[ {date:near}] | book a ticket (on/with) {transport_name:express}[ to
  {place_name:place}] | (purchase/order) {transport_type:ride} tickets from {place_name:place} to
  {place_name:place}[ {date:when}] | (find/show me) {transport_type:ride} (fares/prices) to
  {place_name:place} | a {transport_type:ride} ticket to {place_name:place} please | reserve a
  seat on the {transport_type:ride} to {place_name:place} | book my {transport_type:ride} for
  {date:day} | tickets to {place_name:place} {date:when} | (book/get) tickets for {:name} and me
  to {place_name:place}
transport_taxi | (book/call/order/get) [me ](a/an) {transport_type:car}[ to {place_name:spot}][ at
  {time:clock}][ {date:soon}] | i need a {transport_type:car}[ to {place_name:spot}][ in
  {time:while}] | (call/book/get/order) [me ](a/an) {transport_agency:agency}[ to
  {place_name:spot}] | have a {transport_type:car} pick me up (at {time:clock}/in {time:while}) |
  request a {transport_type:car} from {place_name:spot} to {place_name:spot} | get me a ride (to
  {place_name:spot}/with {transport_agency:agency}) | request a {transport_type:car} from
  {business_name:company} | (get me/find me/send me/hail) (a/an) {transport_type:car}[ now/
  please] | {transport_type:car} (please/now/to {place_name:spot}) | i (want/need) (a ride/an
  {transport_agency:agency}) to {place_name:spot}[ at {time:clock}] | (schedule/reserve/arrange) a
  {transport_type:car} (for {time:clock}/for {date:soon}/to {place_name:spot}) | (pick me up/have
  someone pick me up) (at {place_name:spot}/at {time:clock}) | (can you/could you) (call/get/book)
  me a {transport_type:car}[ to {place_name:spot}] | {transport_agency:agency} to
  {place_name:spot} | order (me ){transport_agency:agency} (for {time:clock}/to {place_name:spot})
  | how much is (a {transport_type:car}/{transport_agency:agency}) to {place_name:spot} | where is
  my {transport_type:car} | (take me {place_name=home}/i need to get {place_name=home}) call a
  {transport_type:car} | cancel my {transport_type:car} | book {transport_agency:agency} from
  {place_name:spot} to {place_name:spot} | (when/how soon) will my {transport_type:car} (arrive/be
  here) | (book/get) a {transport_type:car} for {timeofday=tonight}[ at {time:clock}]
transport_traffic | (how's/what's/how is) (the )traffic[ like][ (in/to/on/around)
  {place_name:spot}][ {date:near}/ right now] | is there[ any/ a lot of/ heavy] traffic (on the
  way to/in/near) {place_name:spot} | are there any {event_name=accidents} (on/near)
  {place_name:spot} | (traffic/traffic report) for {place_name:place} | how long (is/will be) my
  (drive/commute) to {place_name:spot} | what is the traffic like at {time:clock}[ {date:near}] |
  (traffic/traffic report/traffic update/check traffic/how is traffic/current traffic) | (is/was)
  there (an {event_name=accident}/{event_name=construction}/a jam) (on/near) {place_name:spot} |
  (what/how bad) is (the )traffic (on my way to/to/near) {place_name:spot} | any
  (delays/traffic/jams/road closures)[ (on/near/to) {place_name:spot}] | are the roads
  (clear/busy/blocked)[ to {place_name:spot}][ {date:near}] | will there be traffic {date:near}[
  at {time:clock}] | (tell/show/give) me the traffic[ (conditions/report)][ (in/for/to)
  {place_name:spot}] | how heavy is traffic[ in {place_name:place}] | which (road/route) has less
  traffic to {place_name:spot} | is the {place_name=highway} (busy/clear/backed up)[ {date:near}]
  | (avoid/show me a way around) traffic to {place_name:spot} | how is my commute[ {date=today}]
recommendation_events | what (events/things) are (happening/going on)[ in {place_name:place}][
  {date:when}] | (what's/what is) (happening/going on)[ around here/ in {place_name=town}/ near
  me/ in {place_name:place}] {date:when} | are there any {event_name:fair}[ (in/near)
  {place_name:place}][ {date:when}] | (find/show me) {event_name:fair} (in/near/around)
  ({place_name:place}/me) | (when/where) is the[ next] {event_name:fair}[ {date:when}] | any (fun
  things/events) to do {date:when}[ in {place_name:place}] | what can i do {date:when}[ in
  {place_name:place}] | is there a {event_name:fair}[ {date:when}][ in {place_name:place}] | who
  is playing in {place_name:place} {date:when} | suggest (an event/a {event_name:fair})[
  {date:when}] | what {event_name:fair} are (on/in {place_name=town}) {date:when} |
  (what's/anything) (fun/good/interesting) (to do/going on)[ {date:when}][ in {place_name:place}]
  | (local events/events near me/events/things to do/what's happening/upcoming events) |
  (list/show/tell me about) (events/local events/upcoming events)[ {date:when}][ in
  {place_name:place}] | what {event_name:fair} are (coming up/near me/going on)[ {date:when}] |
  (any/are there any/is there a) (good ){event_name:fair} (near me/around here/nearby) |
  (recommend/find/suggest) something to do {date:when}[ with (the/my) {:relations}] | i want to go
  to a {event_name:fair}[ {date:when}] | who is (performing/in concert/in {place_name=town})
  {date:when}[ in {place_name:place}] | is {:artist} (playing/performing/coming)[ in
  {place_name:place}][ {date:when}] | when is {:artist} (playing/coming to {place_name:place}) |
  how much are tickets (to/for) the {event_name:fair} | what time does the {event_name:fair}
  (start/open)[ {date:near}] | what (shows/bands/festivals) are in {place_name:place} {date:when}
  | where can i (go/take my {:relations}) {date:when} | what should (i/we) do {date:when}[ in
  {place_name:place}] | i am bored what is there to do {date:near} | what events (are near/in)
  {place_name:place}[ {date:when}] | what is going on {date:when} {timeofday:part} | give me
  (ideas/suggestions) for {date:when} | what's (happening/going on) {timeofday=tonight}[ in
  {place_name:place}] | (events/{event_name=concerts}) {timeofday=tonight} | is there a
  {event_name:fair} {timeofday=tonight} | what can we do {timeofday=tonight}
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
  {business_name:kitchen} | {business_type:shops} near (me/{place_name:place}) | (find/show
  me/get/list/search for) [the ](best/closest/nearest/top/cheapest) {business_type:shops}[ (near
  me/in {place_name:place})] | (any good/any/the nearest/the closest/the best)
  {business_type:shops} (near me/around here/in {place_name:place}/nearby) |
  {business_type:shops}[ nearby/ around here/ close to me] | where (can i/should i) (go for/get)
  [a good ]({food_type:dishes}/{meal_type:meal})[ in {place_name:place}] | where can i buy
  (shoes/{:groceries}/flowers/a tv)[ (near me/in {place_name:place})] | i (want/am looking
  for/need) (a/an/some) {business_type:shops} (near {place_name:place}/nearby/close by) | i
  (want/feel like) {food_type:cuisines} food | (is there/are there) any {food_type:cuisines}
  {business_type=restaurants} (near me/in {place_name:place}) | what {business_type:shops}
  (have/has) the best (reviews/prices/{food_type:dishes}) | {food_type:cuisines}
  ({business_type=restaurant}/{business_type=restaurants} near me) | what time does
  {business_name:kitchen} (open/close) | is {business_name:kitchen} (open/any good)[ {date:near}]
  | where is {business_name:kitchen}[ in {place_name:place}] | find {business_name:kitchen} (near
  me/in {place_name:place}) | which {business_type:shops} (is/are) open {date:near} | how far is
  the nearest {business_type:shops} | (good/nice/cheap/romantic) {business_type=places to eat}[ in
  {place_name:place}] | where should we (eat/have {meal_type:meal}/meet)[ {date:near}] | how many
  {business_type:shops} are there in {place_name:place} | what are the (hours/reviews) (for/of)
  {business_name:kitchen}
recommendation_movies | what (movies/films) are (playing/showing/out)[ {date:when}][ in
  {place_name:place}/ near me] | (recommend/suggest) (a movie/a good movie/a {movie_type:film}
  movie)[ {date:when}] | is {movie_name:films} (playing/showing/still in theaters)[ {date:when}][
  in {place_name:place}] | (what time/when/where) is {movie_name:films} playing[ {date:when}] |
  what are the best {movie_type:film} movies | is {movie_name:films} (good/worth watching) | find
  (showtimes/tickets) for {movie_name:films} | (what's/anything good) (playing/on/out/showing) (at
  the movies/in {business_type=theaters})[ {date:when}] | (movie times/movies near me/new
  movies/show times/any good movies/movies) | (list/show me/find) (the/new/good) movies (near
  me/in theaters/{date:when}) | what movie should i (see/watch)[ {date:near}] | i (want/would
  like) to (see/watch) (a movie/a {movie_type:film} movie/{movie_name:films})[ {date:when}] | any
  (good ){movie_type:film} movies (playing/out)[ {date:when}] | where can i (see/watch)
  {movie_name:films}[ {date:when}] | what time is {movie_name:films}[ {date:when}] | who is in
  {movie_name:films} | (showtimes/show times/tickets) for {movie_name:films}[ {date:when}] | what
  is the (best/top/most popular/highest rated) (movie/{movie_type:film} movie)[ {date:near}] | are
  there (any new/any) {movie_type:film} films | (suggest/recommend) something to watch | which
  {business_type=theater} is showing {movie_name:films} | is there a movie theater in
  {place_name:place} | what (movies are/is) (playing/showing) {timeofday=tonight}[ in
  {place_name:place}] | what movie should we see {timeofday=tonight}
takeaway_order | order[ me/ some/ a/ me a] {food_type:dishes}[ from {business_name:kitchen}][ for
  {order_type:delivery}] | (order/get) {food_type:cuisines} (food/{order_type:delivery}) | i
  (want/would like/need) to order {food_type:dishes}[ from {business_name:kitchen}] | get me[ a/
  some] {food_type:dishes}[ from {business_name:kitchen}] | order {order_type:delivery} from
  {business_name:kitchen} | place an order (at/with/from) {business_name:kitchen} | order
  {meal_type:meal} from {business_name:kitchen} | order {food_type:dishes} and {food_type:dishes}[
  for {order_type:delivery}] | order {order_type:delivery} | i am hungry order {food_type:dishes}
  | call {business_name:kitchen} and order {food_type:dishes} | i (want/would like/feel like/am
  craving) {food_type:dishes}[ {date=today}] | (can i/could you/please/can you) (get/order) [me
  ][some/a/two ]{food_type:dishes}[ from {business_name:kitchen}] | (order/get) (food/something to
  eat/{meal_type:meal})[ from {business_name:kitchen}] | order {meal_type:meal}[ for {:name}/ for
  two] | (order/get) {food_type:dishes} (to my house/to be delivered/for {meal_type:meal}) | have
  {food_type:dishes} delivered[ at {time:clock}] | {food_type:dishes} (please/from
  {business_name:kitchen}) | (order/get) {food_type:dishes} with {food_type:dishes} | order
  {food_type:cuisines} for {meal_type:meal} | i am hungry (get me some {food_type:cuisines}/order
  something) | (reorder/order again/repeat) my (last order/usual)[ from {business_name:kitchen}] |
  (make/place) an {order_type:delivery} order[ (at/from) {business_name:kitchen}] | (open/start)
  {app_name:eats} and order {food_type:dishes} | order {food_type:dishes} on {app_name:eats} |
  tell {business_name:kitchen} i want {food_type:dishes} | add {food_type:dishes} to my order |
  cancel my {food_type:dishes} order | order {food_type:dishes} for {timeofday=tonight} | i want
  {food_type:dishes} {timeofday=tonight}
takeaway_query | does {business_name:kitchen} (have/do/offer) {order_type:delivery} | does
  {business_name:kitchen} {order_type=deliver} | (where is/when will) my
  ({food_type:dishes}/food/order)[ arrive/ be here/ get here] | is there any {food_type:cuisines}
  {order_type:delivery}[ near me] | how long until my
  ({food_type:dishes}/food/{order_type:delivery}) (arrives/gets here/is ready) | (what/which)
  ({business_type=restaurants}/places) {order_type=deliver}[ {food_type:cuisines}] | check the
  (status/progress) of my {business_name:kitchen} order | can i get {food_type:dishes} for
  {order_type:delivery} | what is on the menu at {business_name:kitchen} | is
  {business_name:kitchen} still open for {order_type:delivery} | does {business_name:kitchen}
  {order_type=deliver}[ to my house] | (is/can) {business_name:kitchen} (doing/do)
  {order_type:delivery}[ today] | (does/do) (any/the) {food_type:cuisines}
  (place/{business_type=restaurants}) {order_type=deliver} | how (much longer/long) (for/will) my
  (food/order)[ take] | (where is/what is the status of/is) my (order/food/{order_type:delivery})[
  ready] | (track/check on/check) my (order/{order_type:delivery}) | (has/did) my
  ({food_type:dishes}/order) (been sent/come/ship) | can (i/you) (get/have) {order_type:delivery}
  from {business_name:kitchen} | does {business_name:kitchen} have {food_type:dishes} | how much
  is {food_type:dishes} at {business_name:kitchen} | what {food_type:cuisines}
  {order_type:delivery} is (near me/open/good) | who has the best {food_type:dishes}
  {order_type:delivery} | (do they/does it) {order_type=deliver} | is there a
  {order_type:delivery} charge at {business_name:kitchen} | what time will my {food_type:dishes}
  (arrive/be here/be ready)
cooking_recipe | (find/show me/give me/get/i need/look up) a recipe for {food_type:dishes} | how
  (do/can) (i/you) {cooking_type:cook} {food_type:dishes} | how do (i/you) make {food_type:dishes}
  | (what's/what is) (a good/the best/the) recipe for {food_type:dishes} | {food_type:dishes}
  recipe | how long (do i/should i/does it take to) {cooking_type:cook} {food_type:dishes} | what
  (ingredients do i need for/goes in/do i need for) {food_type:dishes} | tell me how to
  (make/prepare) {food_type:dishes} | what can i (make/cook) with {ingredient:groceries}[ and
  {ingredient:groceries}] | (find/show me) {food_type:cuisines} recipes | what temperature should
  i {cooking_type:cook} {food_type:dishes} at | can you teach me to make {food_type:dishes} | what
  should i make for {:meal} | recipes with {ingredient:groceries} | how much
  {ingredient:groceries} do i need for {food_type:dishes} | how (many/much) (minutes/time) (does
  it take to/to/should i) {cooking_type:cook} {food_type:dishes} | (what/which)
  (spices/sauce/herbs/wine) (goes with/should i use for/go with) {food_type:dishes} | (tell
  me/teach me/show me/explain) how to {cooking_type:cook} {food_type:dishes} | (how/what) (is the
  best way to/should i) {cooking_type:cook} {food_type:dishes} | how hot should the oven be for
  {food_type:dishes} | (what is/what's) in {food_type:dishes} |
  (steps/ingredients/directions/instructions) (for/to make) {food_type:dishes} | (an easy/a
  healthy/a quick/a simple/a good) recipe for {food_type:dishes} | (easy/healthy/quick)
  {food_type:dishes} recipes | recipe (of/for) {food_type:dishes} | recipes | (find/get/search
  for) (a/some/any) recipes (with/for/using) {ingredient:groceries} | i (want/would like/need) to
  (make/cook/bake) {food_type:dishes} | i have {ingredient:groceries} what can i make | can i
  (use/substitute) {ingredient:groceries} (for/instead of) {ingredient:groceries} | how do i know
  when {food_type:dishes} is done | (can you/please) (find/read) me a {food_type:dishes} recipe |
  how do you prepare {food_type:cuisines} food | what (can/should) i (cook/make) (for
  dinner/tonight/with leftovers) | how long does {food_type:dishes} (take/keep)
iot_hue_lightoff | (turn off/switch off/shut off/kill) the (light/lights)[ in the
  {house_place:rooms}] | turn the {house_place:rooms} lights off | {house_place:rooms} lights off
  | lights off | turn off (the/my) {device_type:lamp} | (turn/switch) (everything/all the lights)
  off | make the {house_place:rooms} dark | (lights out/no lights/no more light/kill the
  lights/it's bed time lights off/turn off lights) | (can you/please/could you) (turn/switch/shut)
  (off the/the) lights[ off][ in the {house_place:rooms}] | (shut/switch) the {house_place:rooms}
  light off | i don't need the (light/lights)[ in the {house_place:rooms}] | turn off (the/all
  the) {house_place:rooms} (light/lights) | i am (leaving/going to bed) turn off the lights[ in
  the {house_place:rooms}] | turn off (all/every) (light/lights)[ at {time:clock}] | (darken/make
  it dark in) the {house_place:rooms}
iot_hue_lighton | (turn on/switch on/put on) the (light/lights)[ in the {house_place:rooms}] |
  turn the {house_place:rooms} lights on | {house_place:rooms} lights on | lights on | turn on
  (the/my) {device_type:lamp} | (light please/lights please/turn on lights/let there be light/it's
  dark in here/i need light/give me light) | (can you/please) turn on the lights[ in the
  {house_place:rooms}] | turn on (the/all the) {house_place:rooms} (light/lights) | i (can't
  see/need light) in the {house_place:rooms} | (light/light up) the {house_place:rooms}
iot_hue_lightchange | (change/turn/make/set/switch) the lights[ in the {house_place:rooms}] [to
  ]{color_type:colors} | make the {house_place:rooms}[ lights] {color_type:colors} | change the
  (color/colour) of the[ {house_place:rooms}] lights to {color_type:colors} | change the lights |
  i want {color_type:colors} lights[ in the {house_place:rooms}] | (turn/set) my
  {device_type:lamp} to {color_type:colors} | {color_type:colors} lights please | (party mode/mood
  lighting/disco lights/different color lights/new light color) | (can you/please)
  (change/make/turn) the lights[ in the {house_place:rooms}] {color_type:colors} | (give me/i'd
  like/put on) {color_type:colors} (light/lights)[ in the {house_place:rooms}] |
  {color_type:colors} (light/lights) in the {house_place:rooms} | (set/switch) the
  {house_place:rooms} (light/lights) to {color_type:colors} | change (my/the) {house_place:rooms}
  light (color/colour)[ to {color_type:colors}] | make (it/everything) {color_type:colors}[ in the
  {house_place:rooms}] | set the mood[ in the {house_place:rooms}] | change the light
  (setting/theme/color)
iot_hue_lightdim | (dim/lower) the lights[ in the {house_place:rooms}][ {change_amount:amount}] |
  (it's/it is) too bright in here | turn (down the lights/the lights down)[ in the
  {house_place:rooms}][ {change_amount:amount}] | dim the {house_place:rooms} lights[
  {change_amount:amount}] | make the {house_place:rooms} (darker/less bright) | (dim the
  lights/lower lights/dimmer please/less light/softer light/reduce the brightness) |
  (reduce/decrease/bring down) the (light/lights/brightness)[ in the {house_place:rooms}][
  {change_amount:amount}] | (can you/please) dim the {house_place:rooms}[ lights] | the
  {house_place:rooms} is too bright | the lights are too bright[ in the {house_place:rooms}] |
  (set/put) the {house_place:rooms} (light/lights) (lower/dimmer)
iot_hue_lightup | (brighten/raise/turn up) the lights[ in the {house_place:rooms}][
  {change_amount:amount}] | make (it/the room/the {house_place:rooms}) brighter | (increase/raise)
  the brightness[ of the lights][ in the {house_place:rooms}][ {change_amount:amount}] | turn the
  {house_place:rooms} lights up[ {change_amount:amount}] | more light in the {house_place:rooms}
  please | (more light/brighter/lights up/brighter lights/full brightness) | (can you/please)
  (brighten/turn up) the {house_place:rooms}[ lights] | it's too dark in (here/the
  {house_place:rooms}) | (increase/bring up/boost) the (light/lights)[ in the
  {house_place:rooms}][ {change_amount:amount}] | (make/set) the (light/lights) brighter[ in the
  {house_place:rooms}] | i need more light[ in the {house_place:rooms}]
iot_wemo_on | turn on (the/my) {device_type:plug}[ in the {house_place:rooms}] | switch the
  {device_type:plug} on | (start/activate) the {device_type:plug} | (can you/please) (turn/switch)
  on (the/my) {device_type:plug} | {device_type:plug} on[ please] | (enable/power on) the
  {device_type:plug} | turn the {device_type:plug} on[ in the {house_place:rooms}]
iot_wemo_off | turn off (the/my) {device_type:plug}[ in the {house_place:rooms}] | switch the
  {device_type:plug} off | (stop/deactivate) the {device_type:plug} | shut off (the/my)
  {device_type:plug} | (can you/please) (turn/switch) off (the/my) {device_type:plug} |
  {device_type:plug} off[ please] | (disable/power off/unplug/shut down) the {device_type:plug} |
  turn the {device_type:plug} off[ in the {house_place:rooms}][ at {time:clock}]
iot_coffee | (make/brew/get/prepare) [me ](a/some/a cup of) coffee[ at {time:clock}] | (turn
  on/start) the {device_type:brewer} | i (want/need/would like) a[ cup of] {coffee_type:brew}[
  coffee] | make me a {coffee_type:brew} | coffee please | have coffee ready (at/by) {time:clock}
  | (set/program) the {device_type:brewer} for {time:clock} | (coffee/coffee time/make coffee/brew
  coffee/start coffee/coffee now/i need caffeine) | (can you/please/could you)
  (make/brew/start/prepare) (me some/some/a) coffee | i (am tired make/want/could use) (some/a)
  coffee | (a/one) {coffee_type:brew} please | (start/begin) brewing[ at {time:clock}] |
  (make/brew) (two cups of/a pot of) coffee[ for {time:clock}] | is the coffee ready | get the
  {device_type:brewer} (going/ready)[ at {time:clock}] | (turn on/switch on) the
  {device_type:brewer}[ at {time:clock}] | i'll have a {coffee_type:brew}[ coffee]
iot_cleaning | (vacuum/clean/hoover) the {house_place:rooms} | (start/turn on/run) the
  {device_type:robot}[ in the {house_place:rooms}] | clean the {house_place=house}[ at
  {time:clock}] | have the {device_type:robot} clean the {house_place:rooms} | (start/begin)
  (cleaning/vacuuming)[ the {house_place:rooms}] | (clean up/vacuum/start cleaning/vacuum
  please/clean now/it's dirty in here) | (the/my) {house_place:rooms} (is dirty/needs
  cleaning/needs to be vacuumed) | (can you/please) (vacuum/clean) the {house_place:rooms}[ at
  {time:clock}][ {date:soon}] | (start/run/activate/turn on) the {device_type:robot}[ now/ at
  {time:clock}] | (vacuum/clean) the {house_place=floor} | (vacuum/clean) the carpet[ in the
  {house_place:rooms}] | (tell/have) the {device_type:robot} (to start/to clean/start) [the
  {house_place:rooms}] | {device_type:robot} (on/start/clean) | schedule (a cleaning/cleaning/the
  {device_type:robot}) for {date:day}
]]
