-- everyday.lua: tools of everyday life and what people say to them.
--
-- What: everyday.draw(dice, context, kind) -> tool, text, arguments: a tool under a name of its
--   own, a request in one of its ways, and the arguments that the request says; everyday.count of
--   tools.
-- How: a tool is a line, which goes on where the next one is indented:
--   Name(argument:kind, argument?:kind) What it does | request | request
--   A kind is one of things, =set or ~set of choices, said with or without words around it, or
--   {argument:kind} of an object's members. In a request {argument} stands for what is said for
--   it, {kind} for something that no argument takes, {pairs} for items and quantities; a part in
--   [ ] is left out at times; +flag: or -flag: begins a part that says a flag's value.
-- Invariant: an argument that is not said is not there, and every required one is in each request.

local choices = require "moonlet.corpus.choices"
local json = require "moonlet.json"
local names = require "moonlet.corpus.names"
local things = require "moonlet.corpus.things"
local words = require "moonlet.corpus.words"

local everyday = {}

local text = [[
GetWeather(city:place, unit?:=temperature_unit, days?:count) Weather of a place | what's the
  weather in {city}[ {unit}] | weather {city}[ {unit}][ next {days} days] | will it rain in
  {city} | tell me the temperature in {city}[ {unit}] | how warm is it in {city} right now[,
  {unit}] | {city} weather forecast[ for {days} days][ {unit}] | I'm at {city}, is it cold[?
  {unit}] | do I need a jacket in {city} today[, {unit}]
WeatherOnDay(location:place, date:date, unit?:=temperature_unit, wind?:flag) Forecast for a day
  | what will the weather be like in {location} on {date}[ {unit}] | forecast for {location} on
  {date}[+wind: with wind][, {unit}] | is it going to snow in {location} on {date} | I'm
  visiting {location} on {date}, how will the weather be[ {unit}] | on {date} I will be in
  {location}, what is the forecast
DayForecast(city:city, date?:date) Weather of a city on a day | weather in {city} on {date} | what
  weather will {city} have on {date} | {city}, {date}: rain or sun | I'll be in {city} on {date},
  do I need an umbrella | we have a barbecue in {city} planned for {date}, will it be dry | how
  does {date} look in {city} | is {date} a warm day in {city} | weather report for {city},
  {date} | weather in {city}
OpeningHours(shop:shop, date?:date, city?:city) When a shop is open | is {shop}[ in {city}] open
  on {date} | when does {shop} close on {date}[ in {city}] | opening hours of {shop}[ for {date}] |
  {shop}[ in {city}], {date}, can I go there at night
PlanTrip(destination:place, start_date:date, end_date?:date) Plans a trip | plan a trip to
  {destination} from {start_date} to {end_date} | we travel to {destination} on {start_date} and
  come back on {end_date} | a holiday in {destination} that starts on {start_date} | between
  {start_date} and {end_date} I am in {destination}
FindEvents(city:city, date:date, kind?:word) Events on a day | what is going on in {city} on {date}
  | any {kind} in {city} on {date} | events in {city}, {date} | on {date} I am free in {city}, what
  can I do
PlaySong(song:title, artist?:person, quality?:=stream_quality, shuffle?:flag) Plays a song |
  play {song}[ by {artist}][ {quality}] | play the song {song}[ by {artist}] | I want to hear
  {song}[ from {artist}] | put on {song}[ by {artist}][+shuffle: on shuffle] | could you play
  '{song}'[ by the artist {artist}] | listen to {song}[ by {artist}]
PlayMusic(artist?:person, album?:title, genre?:=music_genre, volume?:percent) Plays music | play
  something by {artist}[ at volume {volume}] | play the album {album} by {artist} | play
  {genre}[ at {volume} percent] | I feel like {genre} | put on {artist}[, volume {volume}] |
  start the album {album}
AddToPlaylist(song:title, playlist:title, artist?:person) Adds a song to a playlist | add {song}
  to my {playlist} playlist | put {song}[ by {artist}] on the playlist {playlist} | add the song
  '{song}'[ by {artist}] to {playlist} | to my playlist named {playlist} add {song}
EditTodo(content:task, type:~action) Edits a todo list | {type} {content} | I want to {type}
  '{content}' on my todo list | todo list, {type} {content} | please {type} the task '{content}'
  | {type} todo {content} | my name is {person}. {type} the item '{content}' on my list | {type}
  a todo with the content {content}
AddTodo(item:task, priority?:=priority, due?:date) Adds a task | remind me to {item}[ by {due}]
  | I need to remember to {item}[, {priority}] | put '{item}' on my list[ for {due}][,
  {priority}] | new task: {item}[, {priority}][, due {due}] | add {item} to my todo list
SetReminder(text:task, time:time, date?:date) Sets a reminder | remind me to {text} at {time}[
  on {date}] | at {time}[ on {date}] remind me to {text} | set a reminder for {time}: {text} |
  don't let me forget to {text} at {time}
SetAlarm(time:time, label?:title, repeat?:=repeat) Sets an alarm | wake me up at {time}[
  {repeat}] | set an alarm for {time}[ called {label}][, {repeat}] | alarm {time} | I need an
  alarm at {time}[ {repeat}][ named {label}]
SetTimer(minutes:count, name?:title) Starts a timer | set a timer for {minutes} minutes[ called
  {name}] | start a {minutes} minute timer | timer {minutes} minutes[ named {name}] | count down
  {minutes} minutes
AddEvent(title:title, date:date, time?:time, place?:place, invite?:person) Adds an event to the
  calendar | put {title} in my calendar on {date}[ at {time}] | schedule {title} for {date}[ at
  {time}][ in {place}] | add an event named {title} on {date}[ with {invite}] | on {date}[ at
  {time}] I have {title}, please note it | create a meeting called '{title}' on {date}[ at
  {time}][ and invite {invite}]
MoveEvent(event_id:id, new_date:date, new_time?:time) Moves an event | move event {event_id} to
  {new_date}[ at {new_time}] | reschedule '{event_id}' to {new_date}[, {new_time}] | please
  change the date of {event_id} to {new_date} | the event with identifier {event_id} should be
  on {new_date}[ at {new_time}]
SendEmail(to:email, subject?:title, body?:phrase, cc?:email) Sends an email | send an email to
  {to}[ with the subject '{subject}'][ saying "{body}"] | email {to}[ about {subject}][: {body}]
  | write to {to}[ with subject {subject}] and the message '{body}'[, cc {cc}] | draft an email
  to {person} at {to}[ with the subject '{subject}'][ and the body '{body}'] | {to}: {body}
SendMessage(recipient:first_name, message:phrase) Sends a text message | text {recipient}
  {message} | tell {recipient} that {message} | send {recipient} a message saying '{message}' |
  message {recipient}: {message} | let {recipient} know {message}
CallPerson(name:person, relation?:=relationship) Calls somebody | call {name} | phone {name}[,
  {relation}] | I'd like to talk to {name} | ring {name} please | dial {name}
Translate(text:sentence, target_language:=target_language, source_language?:=source_language)
  Translates a text | translate '{text}'[ {source_language}] {target_language} | how do you say
  "{text}" {target_language} | {text} - {target_language} please | I want this
  {target_language}: {text} | translate {target_language}: {text} | can you help me translate
  this[ {source_language}] {target_language}: '{text}'
SpeakText(text:sentence, language?:=voice_language, gender?:=gender, speed?:decimal) Reads a
  text aloud | read this aloud: {text}[ {gender}] | say "{text}"[ {language}][ {gender}] |
  convert the phrase '{text}' to speech[ {language}][ {gender}][ at speed {speed}] | speak:
  {text}
ConvertUnits(value:decimal, from_unit:measure, to_unit:measure) Converts between units | convert
  {value} {from_unit} to {to_unit} | how many {to_unit} are {value} {from_unit} | {value}
  {from_unit} in {to_unit} | what is {value} {from_unit} in {to_unit}
ConvertCurrency(amount:decimal, to_currency:=to_currency) Converts dollars to another currency |
  convert {amount} dollars {to_currency} | what is ${amount} {to_currency} | how much is
  {amount} {to_currency} | I have ${amount}, change it {to_currency}
AddNumbers(a:decimal, b:decimal) Adds two numbers | add {a} and {b} | what is {a} plus {b} |
  what do I get if I add {a} to {b} | {a} + {b} | sum of {a} and {b}
SumList(numbers:numbers) Sums up numbers | add up {numbers} | what is the sum of {numbers} | sum
  of {numbers} | total of the numbers {numbers}
SortNumbers(numbers:whole_list, order?:=sort_order, reverse?:flag) Sorts numbers | sort
  {numbers}[ {order}] | put {numbers} in order[+reverse: in reverse] | I need the numbers
  {numbers} arranged[ {order}] | arrange {numbers}[ {order}]
Multiply(x:decimal, y:decimal) Multiplies two numbers | {x} times {y} | multiply {x} by {y} |
  what is {x} x {y} | product of {x} and {y}
LoanPayment(principal:price, rate:decimal, years:count) Monthly rate of a loan | monthly payment
  for a loan of ${principal} at {rate}% over {years} years | I borrow {principal} dollars for
  {years} years at {rate} percent, what do I pay | loan {principal}, interest {rate}%, {years}
  years
SalesTax(amount:price, state?:state, city?:city) Sales tax of a purchase | how much is the sales
  tax on ${amount}[ in {city}, {state}] | I bought something for ${amount}[ in {city}], what is
  the tax | tax for a purchase of {amount} dollars[ in {state}]
Tip(bill:price, percent:percent, people?:count) Tip for a bill | what is a {percent}% tip on
  ${bill}[ split by {people} people] | {percent} percent tip for a bill of {bill} dollars | our
  bill is ${bill}, we tip {percent}%[ and are {people} people]
BookRide(pickup:address, destination?:address, ride_type?:=ride_type, wait_seconds?:count)
  Orders a ride | I need {ride_type} from {pickup}[ to {destination}] | order a ride from
  {pickup}[ to {destination}][ {ride_type}] | get me a car at {pickup}[ {ride_type}][ and I can
  wait {wait_seconds} seconds] | take me from {pickup} to {destination}[, {ride_type}]
Directions(from:address, to:address, mode?:=travel_mode, avoid_tolls?:flag) Route between two
  places | how do I get from {from} to {to}[ {mode}] | directions from {from} to {to}[
  {mode}][+avoid_tolls: without tolls] | route to {to} from {from}[ {mode}] | I am at {from} and
  want to go to {to}[ {mode}]
FindNearby(category:venue, location:place, radius?:count, open_now?:flag) Finds places nearby |
  find {category} near {location}[ within {radius} miles][+open_now: open now] | where can I get
  {category} in {location} | {category} places around {location}[+open_now: that are open] |
  looking for {category} in {location}[, at most {radius} miles away]
BookTable(restaurant:shop, people:count, time:time, date?:date, name?:person) Books a table |
  book a table at {restaurant} for {people} at {time}[ on {date}] | table for {people} people at
  {restaurant}[ on {date}] at {time}[ under {name}] | reserve {restaurant}[ on {date}] at
  {time}, we are {people} | can we eat at {restaurant} at {time}, {people} persons[, on {date}]
FindRestaurant(cuisine:=cuisine, city:place, price_level?:=level, outdoor?:flag) Finds a
  restaurant | {cuisine} in {city}[+outdoor: with outdoor seating] | find me {cuisine} near
  {city} | I want {cuisine}, I'm in {city} | where is {cuisine} in {city}[-outdoor:, without
  outdoor seating]
OrderFood(restaurant:shop, items:foods, quantities:counts) Orders food | order {pairs} from
  {restaurant} | from {restaurant} I'd like {pairs} | get me {pairs} at {restaurant} | I want to
  buy {pairs} from {restaurant}
OrderDrink(drink:drink, size?:=cup_size, milk?:=milk, sugar?:flag) Orders a drink | I'd like a
  {drink}[, {size}][ {milk}] | order a {drink}[ {size}][ {milk}][+sugar: with sugar][-sugar:
  without sugar] | one {drink} please[, {size}][ {milk}] | can I get a {drink}[ {milk}]
ChangeOrder(food:food, request:phrase) Changes an item of an order | order a {food} with this
  change: {request} | my {food} should be changed: '{request}' | I'd like to modify the {food}:
  {request} | {food}, {request} | for the dish called '{food}' please note "{request}"
LogFood(food_name:food, amount:decimal, unit:=portion_unit, meal?:=meal_name) Logs what was
  eaten | I had {amount} {unit} of {food_name}[ {meal}] | log {amount} {unit} of {food_name}[
  {meal}] | record that I ate {amount} {unit} of {food_name}[ {meal}]
LogWorkout(activity:activity, minutes:count, calories?:count) Logs a workout | I did {minutes}
  minutes of {activity} | log {activity} for {minutes} minutes[, {calories} calories] | record a
  workout: {activity}, {minutes} minutes
SetThermostat(temperature:count, mode?:=mode, room?:room) Sets the heating | set the temperature
  to {temperature}[ in the {room}][, {mode}] | make it {temperature} degrees[ in the {room}] |
  thermostat to {temperature}[ {mode}] | I'm cold, put the {room} at {temperature}
AirConditioner(mode:=mode, target_temperature?:count, fan_speed?:=fan_speed, power_save?:flag,
  monitoring?:flag) Controls the air conditioner | set the air conditioner {mode}[ at
  {target_temperature} degrees][ {fan_speed}] | air conditioner {mode}[,
  {fan_speed}][+power_save: and save power][-power_save: and turn power saving off] | I want the
  AC {mode}[, {target_temperature} degrees][+monitoring: with monitoring][-monitoring: without
  monitoring] | it's hot, AC {mode}[ with {target_temperature} degrees][ {fan_speed}]
SwitchDevice(device:device, state:=power, room?:room) Switches a device | {device}: {state} |
  please {state}, I mean the {device}[ in the {room}] | {state}, the {device}[ in the {room}] |
  the {device}[ in the {room}] - {state}
SetLight(room:room, brightness?:percent, color?:=light_color) Sets a light | set the {room}
  light[ to {brightness} percent][ {color}] | {room} lights[ {color}][ at {brightness}%] | dim
  the lights in the {room}[ to {brightness}%] | make the {room} light {color}
RunVacuum(rooms:rooms, mode?:=sound_mode, mop?:flag) Cleans rooms | vacuum {rooms}[ {mode}] |
  clean {rooms}[+mop: and mop][-mop: but don't mop] | start the robot in {rooms}[ {mode}]
ConnectDevice(device_name:product, timeout?:count, auto_reconnect?:flag) Connects a bluetooth
  device | connect to {device_name}[+auto_reconnect: and reconnect automatically] | pair my
  {device_name} | I want a connection with my speaker called '{device_name}'[, wait {timeout}
  seconds] | bluetooth {device_name}[ with a timeout of {timeout} seconds]
SearchFlights(origin:place, destination:place, date:date, cabin_class?:=cabin_class,
  passengers?:count, nonstop?:flag) Searches flights | flights from {origin} to {destination} on
  {date}[, {cabin_class}] | I want to fly from {origin} to {destination} on {date}[
  {cabin_class}][ with {passengers} passengers] | on {date} I need a flight to {destination}
  from {origin}[+nonstop:, nonstop] | find a flight to {destination}, leaving {origin} {date}[,
  {passengers} people][, {cabin_class}]
FlightStatus(airline:shop, flight_number:id, name?:person) Status of a flight | hi, I am {name}.
  what is the status of my {airline} flight {flight_number} | is {airline} flight
  {flight_number} on time | status of {flight_number} with {airline} | my {airline} ticket
  number is {flight_number}, is it late
BookHotel(city:place, check_in:date, nights:count, room_type?:=room_type, pets?:flag) Books a
  hotel | book a hotel in {city} from {check_in} for {nights} nights[, {room_type}] | I need
  {room_type} in {city}, {nights} nights from {check_in} | hotel {city} {check_in} {nights}
  nights[+pets:, pets allowed] | find me a place to stay in {city} on {check_in} for {nights}
  nights[ {room_type}]
BuyTickets(event:title, count:count, date?:date, section?:word) Buys tickets | buy {count}
  tickets for {event}[ on {date}] | I want {count} tickets to {event}[ in section {section}] |
  get tickets for {event}, {count} of them[, {date}]
TrainTimes(from:city, to:city, after?:time, date?:date) Train connections | trains from {from}
  to {to}[ after {after}][ on {date}] | when is the next train from {from} to {to} | I want to
  go from {from} to {to} by train[ on {date}][ at {after}] | {from} to {to}[, after {after}]
RentCar(city:city, start_date:date, days:count, car_type?:word) Rents a car | rent a car in
  {city} from {start_date} for {days} days[, a {car_type}] | I need a car in {city} on
  {start_date}, {days} days | {days} days car rental {city} starting {start_date}
FindMovie(genre?:=movie_genre, director?:person, cast?:person, year?:year) Finds movies | find a
  movie {genre}[ directed by {director}] | movies directed by {director}[ with {cast}] | I want
  to watch a film with {cast}[, directed by {director}][ from {year}] | a movie by {director}
  starring {cast} | show me movies {genre}[ with {cast}] | something directed by {director},
  {genre}
CinemaTimes(movie:title, city:place, date?:date, time_of_day?:=time_of_day) When a movie is
  shown | when is {movie} shown in {city}[ on {date}] | showtimes for {movie} in {city}[
  {time_of_day}] | is '{movie}' playing in {city}[ {date}]
FindBook(title?:title, author?:person, topic?:title) Finds books | find the book {title}[ by
  {author}] | books by {author}[ about {topic}] | I'm looking for {title} written by {author} |
  do you have anything on {topic}
RateItem(item:title, stars:count, comment?:phrase) Rates something | rate {item} {stars} stars[:
  {comment}] | give {stars} stars to {item}[ and say "{comment}"] | {item} gets {stars} out of 5
SearchWeb(query:phrase, results?:count, safe?:flag) Searches the web | search for {query} | look
  up "{query}"[, {results} results] | google {query} | find {results} pages about {query} |
  search the web for '{query}'[+safe: with safe search]
GetNews(topic:=section, country?:country, count?:count) Latest news | news {topic}[ from
  {country}] | latest {count} articles {topic} | what's new {topic}[ in {country}] | give me
  {count} headlines {topic}
PostArticle(title:title, content:sentence, url_name?:slug, publish?:flag) Publishes an article |
  post an article titled '{title}' with the content '{content}'[ and the url {url_name}] |
  create a news item: title {title}, content "{content}"[, url {url_name}] | publish '{title}':
  {content}[ under {url_name}]
CreateTicket(summary:phrase, severity?:=severity, project?:slug, assignee?:person) Files a
  ticket | open a ticket: {summary}[, {severity}] | file a bug in {project}: {summary}[,
  {severity}] | create an issue saying "{summary}"[ and assign it to {assignee}] | new ticket
  for {project}[, assigned to {assignee}]: '{summary}'
RepoStars(repos:repo, aligned?:flag) Star history of a repository | star history of
  {repos}[+aligned: with aligned dates] | how many stars has {repos} | show the stars for
  {repos}[-aligned:, not aligned]
CreateRepo(name:slug, visibility?:=visibility, description?:phrase) Creates a repository |
  create a repository named {name}[, {visibility}] | new repo {name}[ {visibility}][ with the
  description '{description}'] | make me a repo called {name}
Deploy(service:slug, environment:=environment, version?:version) Deploys a service | deploy
  {service} {environment}[ with version {version}] | roll out {service}[ {version}]
  {environment} | push version {version} of {service} {environment}
GetLogs(service:slug, level?:=log_level, lines?:count) Shows logs of a service | logs of
  {service}[ {level}] | last {lines} lines from {service} | show me what {service} logged[
  {level}][, {lines} lines]
SensorAlerts(sensor_serial:serial, per_page?:count, network_id?:id) Alerts of a sensor | alerts
  for sensor {sensor_serial}[, {per_page} per page] | show the alerts of the sensor with serial
  number {sensor_serial}[ in network {network_id}] | sensor {sensor_serial}, at most {per_page}
  alerts
RunCommand(command:command) Runs a command | run {command} | execute the command {command} | use
  the command "{command}" | please run '{command}' for me | type {command} in the terminal
OpenFile(path:path, mode?:word) Opens a file | open {path} | open the file {path} | show me
  {path} | load '{path}'
FetchUrl(url:url, limit?:count, sort?:=sort) Fetches a URL | fetch {url}[ with a limit of
  {limit}] | get the data from {url}[, {limit} results][, {sort}] | request '{url}'[ {sort}] |
  what is at {url}
QueryNodes(url:url, params:{fabric:slug, limit?:count, order?:=sort_order}) Lists nodes of a
  network | nodes of fabric {fabric} from {url}[, at most {limit}][ {order}] | send a request to
  {url} for the fabric {fabric}[ with limit {limit}] | get {url} for {fabric}[, {order}][,
  {limit} results]
UpdateProfile(user_id:number_id, profile:{email?:email, age?:count, city?:city}, notify?:flag)
  Updates a profile | update user {user_id}: email {email}[, age {age}] | my user ID is
  {user_id}, set my age to {age}[ and my city to {city}] | change the email of user {user_id} to
  {email}[ and the age to {age}][+notify: and notify them]
GetUser(user_id:number_id, special?:word) Details of a user | details for the user with ID
  {user_id}[, special request {special}] | who is user {user_id} | get user {user_id}[ with
  {special} as the special request] | I need user info for {user_id}
PendingMandates(user_id:id, status?:=status) Payments of a user | show the mandates {status} of
  user {user_id} | mandates of {first_name} with ID {user_id}[, {status}] | for user {user_id}
  list mandates[ {status}]
TransferMoney(to:person, amount:price, account?:id, note?:phrase) Transfers money | send
  ${amount} to {to}[ from account {account}] | pay {to} {amount} dollars[ with the note
  '{note}'] | transfer ${amount} to {to}[ for {note}] | wire {amount} to {to}[ from {account}]
CheckBalance(account:id, currency?:=currency) Balance of an account | what is the balance of
  account {account}[ {currency}] | how much money is on {account}[ {currency}] | balance
  {account}
TrackPackage(tracking_number:serial, carrier?:shop) Tracks a package | where is my package
  {tracking_number}[ with {carrier}] | track {tracking_number} | {carrier} package number
  {tracking_number}, where is it
CheckStock(item_ids:whole_list, threshold?:count, include_discontinued?:flag) Checks an
  inventory | are items {item_ids} in stock | check the stock of {item_ids}[, threshold
  {threshold}] | are the levels of item ids {item_ids} below {threshold}[-include_discontinued:,
  without discontinued ones]
BuyProduct(product:product, quantity?:count, size?:=size, color?:=color) Buys a product | buy
  {quantity} {product}[ {color}] | order the {product}[, {size}][, {color}] | I'd like to get a
  {product}[ {size}] | add {quantity} of {product} to my cart[, {color}]
FindProduct(identifier:serial, search_type?:word, include_images?:flag) Finds a product by
  number | specs of {identifier}[+include_images: with images] | what is
  {identifier}[+include_images:? I want to see images] | look up part
  {identifier}[-include_images: without pictures]
HireHelp(service:chore, city:place, rating?:decimal, date?:date) Finds a cleaner | find a
  cleaner for {service} in {city}[ with at least {rating} stars] | {service} in {city}[, rating
  {rating} or more][ on {date}] | I need someone for {service} in {city}[ on {date}]
BookDoctor(doctor:person, date:date, time?:time, reason?:phrase) Books a doctor | appointment
  with {doctor} on {date}[ at {time}] | I need to see Dr. {doctor} on {date}[ because {reason}]
  | book {doctor} for {date}[, {time}][: {reason}]
SportsScore(team:city, sport?:=league_sport, date?:date) Scores of a team | how did {team} play[
  {sport}][ on {date}] | score of the {team} game[ {sport}] | did {team} win[ on {date}]
StockPrice(symbol:symbol, period?:=period) Price of a stock | price of {symbol}[ {period}] | how
  is {symbol} doing[ {period}] | {symbol} stock[ {period}] | quote for ticker {symbol}
RollDice(sides:count, times?:count) Rolls dice | roll a {sides} sided die[ {times} times] | roll
  {times} dice with {sides} sides
DrawChart(data:title, title?:title, theme?:=theme, chart?:=chart_type) Draws a chart | draw
  {data} {chart} | chart of {data}[ {chart}][ titled '{title}'] | plot {data}[ {theme}]
LoveNote(user_name:first_name, partner_name:first_name, relationship?:=relationship) Writes a
  nice message | write something nice for {relationship}, {partner_name}. my name is {user_name}
  | I am {user_name}, help me write to {partner_name}[, {relationship}] | {user_name} wants to
  send {partner_name} a nice message
SetPoint(name:title, latitude:coordinate, longitude:coordinate) Saves a point on the map | save
  {name} at {latitude}, {longitude} | the latitude of {name} is {latitude} and the longitude
  {longitude}, save it | {name}: {latitude} and {longitude} | mark the point {latitude},
  {longitude} as {name}
ImageQuestion(image:file, question:sentence, model?:repo) Answers a question about an image |
  about {image}: {question} | look at '{image}' and tell me: {question}[ using {model}] | the
  question is "{question}" for the image {image}[ with the model {model}]
Classify(text:sentence, category:=category) Files a text | file "{text}" {category} | '{text}' -
  something {category} | this is {category}: {text}
TagPhoto(photo:file, tags:words) Tags a photo | tag {photo} with {tags} | add the tags {tags} to
  {photo} | {photo}: {tags}
InvitePeople(event:title, people:people, message?:phrase) Invites people | invite {people} to
  {event} | ask {people} to come to {event}[ saying '{message}'] | {event}: invite {people}[
  with the note {message}]
ShareFile(file:file, people:people, access?:=access) Shares a file | share {file} with {people}[
  {access}] | give {people} access to {file} | send {file} to {people}]]

-- ---- reading the lines ----

local read_arguments

-- name?:kind
local function read_argument(line)
  local name, optional, kind = line:match "^([%w_]+)(%??):(.+)$"
  local argument = { name = name, optional = optional == "?" }
  if kind:find "^{" then
    argument.members = read_arguments(kind:sub(2, -2))
  elseif kind:find "^[=~]" then
    argument.set, argument.bare = choices.of(kind:sub(2)), kind:find "^~" ~= nil
  else
    if kind ~= "flag" and not things.is(kind) then error("no such kind: " .. line) end
    argument.kind = kind
  end
  return argument
end

function read_arguments(line)
  local list, depth, first = {}, 0, 1
  line = line .. ", "
  for i = 1, #line do
    local c = line:sub(i, i)
    depth = depth + (c == "{" and 1 or c == "}" and -1 or 0)
    if c == "," and depth == 0 then
      list[#list + 1] = read_argument(line:sub(first, i - 1))
      first = i + 2
    end
  end
  return list
end

-- What can be said to a tool: its arguments and the members of those.
local function by_name(arguments, found)
  for _, argument in ipairs(arguments) do
    if argument.members then
      by_name(argument.members, found)
    else
      found[argument.name] = argument
    end
  end
  return found
end

local tools = {}
for line in words.lines(text) do
  local name, arguments, description, requests = line:match "^(%w+)(%b()) (.-) | (.*)$"
  local tool = { name = name, description = description, requests = words.ways(requests),
    arguments = read_arguments(arguments:sub(2, -2)) }
  tool.said = by_name(tool.arguments, {})
  tools[#tools + 1] = tool
end

everyday.count = #tools

-- ---- drawing ----

-- The schema of arguments; what is offered of a choice goes into offered[argument].
local function schema_of(arguments, offered, dice)
  local properties, keys, required = {}, {}, {}
  for i, argument in ipairs(arguments) do
    local of
    if argument.members then
      of = schema_of(argument.members, offered, dice)
    elseif argument.set then
      of = choices.schema(argument.set, dice)
      offered[argument] = of.enum
    else
      of = things.schema(argument.kind)
    end
    keys[i], properties[argument.name] = argument.name, of
    if not argument.optional then required[#required + 1] = argument.name end
  end
  return { type = "object", properties = json.object(properties, keys), required = required }
end

-- Items and how many of each, as they are said together.
local function pairs_said(how)
  local said, items, counts = {}, json.array {}, json.array {}
  for i = 1, how.dice:whole(1, 3) do
    local item, count = things.draw("food", how.dice), how.dice:whole(1, 9)
    said[i], items[i], counts[i] = count .. " " .. item, item, count
  end
  how.values.items, how.values.quantities = items, counts
  return table.concat(said, how.dice:pick { " and ", ", " })
end

-- A value that is copied, as it is when everything said is in lower case.
local function lowered(said, value)
  if type(value) == "table" then
    for i, item in ipairs(value) do value[i] = lowered(item, item) end
  elseif said == value and type(value) == "string" then
    return value:lower()
  end
  return value
end

-- What is said for a slot of a request; its value goes into how.values.
local function slot_said(tool, slot, how)
  if slot == "pairs" then return pairs_said(how) end
  local argument = tool.said[slot]
  local said, value
  if not argument then return (things.draw(slot, how.dice, how.context)) end
  if argument.set then
    said, value = choices.say(argument.set, how.offered[argument], how.dice)
    if not argument.bare then said = choices.framed(argument.set, said, how.dice) end
  else
    said, value = things.draw(argument.kind, how.dice, how.context)
    if how.low then value = lowered(said, value) end
  end
  how.values[slot] = value
  return said
end

local function request_of(tool, how)
  local line = how.dice:pick(tool.requests):gsub("%b[]", function(part)
    if not how.dice:chance(0.5) then return "" end
    local sign, flag, rest = part:match "^%[([+-])([%w_]+):(.*)%]$"
    if not sign then return part:sub(2, -2) end
    how.values[flag] = sign == "+"
    return rest
  end)
  return (line:gsub("{([%w_]+)}", function(slot) return slot_said(tool, slot, how) end))
end

-- The values that were said, in the order of the arguments; nil when there is none.
local function arguments_of(list, said)
  local all, keys = {}, {}
  for _, argument in ipairs(list) do
    local name, value = argument.name, said[argument.name]
    if argument.members then value = arguments_of(argument.members, said) end
    if value ~= nil then keys[#keys + 1], all[name] = name, value end
  end
  return #keys > 0 and json.object(all, keys) or nil
end

local before = { "Hi, ", "Hello, ", "Hey, ", "Please ", "please ", "OK, ", "Hi there. ",
  "Quick question: ", "Good morning. ", "One more thing: ", "Now ", "I'm in a hurry. ",
  "Sorry to bother you. " }
local after = { " please", ", please", " for me", " thanks", ", thank you", " right now",
  ". Thanks!", ", would you?", " as soon as you can" }

-- A request as somebody with manners, or in a hurry, says it.
local function manner(said, how)
  local dice = how.dice
  if dice:chance(0.5) then said = names.capital(said) end
  if dice:chance(0.08) then
    said = ("My name is %s. %s"):format(things.draw("first_name", dice), names.capital(said))
  elseif dice:chance(0.2) then
    said = dice:pick(before) .. said
  end
  if not said:find "%p$" then
    if dice:chance(0.12) then
      said = said .. dice:pick(after)
    else
      said = said .. dice:pick { "", "", ".", "?", "!" }
    end
  end
  return how.low and said:lower() or said
end

-- tool(dice) -> a tool, to be listed beside others.
function everyday.tool(dice)
  local tool = dice:pick(tools)
  return { name = tool.name, description = tool.description,
    parameters = schema_of(tool.arguments, {}, dice) }
end

-- Whether a value of this kind of thing is said, or can be: values nil.
local function says(tool, kind, said)
  for name, argument in pairs(tool.said) do
    if argument.kind == kind and (not said or said[name] ~= nil) then return true end
  end
  return false
end

-- draw(dice, {today=}, kind) -> tool, what is said, arguments. kind: of something (things.lua) that
-- the request has to say; nil: anything.
function everyday.draw(dice, context, kind)
  while true do
    local tool = dice:pick(tools)
    local how = { dice = dice, context = context, offered = {}, values = {},
      low = dice:chance(0.2) }
    if not kind or says(tool, kind) then
      local parameters = schema_of(tool.arguments, how.offered, dice)
      local said = manner(request_of(tool, how), how)
      if not kind or says(tool, kind, how.values) then
        return { name = tool.name, description = tool.description, parameters = parameters }, said,
          arguments_of(tool.arguments, how.values) or json.object({}, {})
      end
    end
  end
end

return everyday
