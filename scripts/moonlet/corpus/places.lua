-- places.lua: names of places that everybody knows, and of towns that are nowhere.

local names = require "moonlet.corpus.names"
local words = require "moonlet.corpus.words"

local places = {}

places.cities = words.list [[New York, London, Paris, Tokyo, Berlin, Madrid, Rome, Sydney, Toronto,
  Mumbai, Boston, Chicago, Seattle, Denver, Austin, Dallas, Miami, San Francisco, Los Angeles,
  Lisbon, Dublin, Vienna, Prague, Oslo, Helsinki, Athens, Cairo, Nairobi, Lagos, Bangkok, Hanoi,
  Seoul, Beijing, Singapore, Dubai, Moscow, Warsaw, Zurich, Hamburg, Munich, Lyon, Naples, Porto,
  Montreal, Vancouver, Lima, Bogota, Santiago, Quito, Kyoto, Osaka, Delhi, Chennai, Karachi,
  Houston, Phoenix, Philadelphia, San Diego, Atlanta, Portland, Las Vegas, Detroit, Nashville,
  Barcelona, Amsterdam, Brussels, Stockholm, Copenhagen, Budapest, Istanbul, Jakarta, Manila,
  Shanghai, Hong Kong, Taipei, Melbourne, Auckland, Cape Town, Manchester, Edinburgh, Glasgow,
  Hyderabad, Bengaluru, Kolkata, Buenos Aires, Rio de Janeiro, Mexico City, Tel Aviv, Riga]]

places.countries = words.list [[Afghanistan, Albania, Algeria, American Samoa, Andorra, Angola,
  Anguilla, Antigua and Barbuda, Argentina, Armenia, Aruba, Australia, Austria, Azerbaijan,
  Bahamas, Bahrain, Bangladesh, Barbados, Belarus, Belgium, Belize, Benin, Bermuda, Bhutan,
  Bolivia, Bosnia and Herzegovina, Botswana, Brazil, Brunei, Bulgaria, Burkina Faso, Burundi,
  Cambodia, Cameroon, Canada, Cape Verde, Cayman Islands, Central African Republic, Chad, Chile,
  China, Colombia, Comoros, Congo, Cook Islands, Costa Rica, Croatia, Cuba, Curacao, Cyprus,
  Czech Republic, Denmark, Djibouti, Dominica, Dominican Republic, East Timor, Ecuador, Egypt,
  El Salvador, England, Equatorial Guinea, Eritrea, Estonia, Ethiopia, Faroe Islands, Fiji,
  Finland, France, French Guiana, French Polynesia, Gabon, Gambia, Georgia, Germany, Ghana,
  Gibraltar, Greece, Greenland, Grenada, Guadeloupe, Guam, Guatemala, Guinea, Guinea-Bissau,
  Guyana, Haiti, Honduras, Hong Kong, Hungary, Iceland, India, Indonesia, Iran, Iraq, Ireland,
  Isle of Man, Israel, Italy, Ivory Coast, Jamaica, Japan, Jersey, Jordan, Kazakhstan, Kenya,
  Kiribati, Kosovo, Kuwait, Kyrgyzstan, Laos, Latvia, Lebanon, Lesotho, Liberia, Libya,
  Liechtenstein, Lithuania, Luxembourg, Macao, Macedonia, Madagascar, Malawi, Malaysia, Maldives,
  Mali, Malta, Marshall Islands, Martinique, Mauritania, Mauritius, Mayotte, Mexico, Micronesia,
  Moldova, Monaco, Mongolia, Montenegro, Montserrat, Morocco, Mozambique, Myanmar, Namibia, Nauru,
  Nepal, Netherlands, New Caledonia, New Zealand, Nicaragua, Niger, Nigeria, Niue, North Korea,
  Norway, Oman, Pakistan, Palau, Panama, Papua New Guinea, Paraguay, Peru, Philippines, Poland,
  Portugal, Puerto Rico, Qatar, Romania, Russia, Rwanda, Saint Barthelemy, Saint Helena,
  Saint Kitts and Nevis, Saint Lucia, Saint Pierre and Miquelon, Samoa, San Marino, Saudi Arabia,
  Scotland, Senegal, Serbia, Seychelles, Sierra Leone, Singapore, Slovakia, Slovenia,
  Solomon Islands, Somalia, South Africa, South Korea, Spain, Sri Lanka, Sudan, Suriname,
  Swaziland, Sweden, Switzerland, Syria, Taiwan, Tajikistan, Tanzania, Thailand, Togo, Tonga,
  Trinidad and Tobago, Tunisia, Turkey, Turkmenistan, Tuvalu, Uganda, Ukraine,
  United Arab Emirates, United Kingdom, Uruguay, Uzbekistan, Vanuatu, Vatican, Venezuela, Vietnam,
  Wales, Yemen, Zambia, Zimbabwe, USA, UK, United States]]

places.states = words.list [[Alabama, Alaska, Arizona, Arkansas, California, Colorado, Connecticut,
  Delaware, Florida, Georgia, Hawaii, Idaho, Illinois, Indiana, Iowa, Kansas, Kentucky, Louisiana,
  Maine, Maryland, Massachusetts, Michigan, Minnesota, Mississippi, Missouri, Montana, Nebraska,
  Nevada, New Hampshire, New Jersey, New Mexico, New York, North Carolina, North Dakota, Ohio,
  Oklahoma, Oregon, Pennsylvania, Rhode Island, South Carolina, South Dakota, Tennessee, Texas,
  Utah, Vermont, Virginia, Washington, West Virginia, Wisconsin, Wyoming, District of Columbia,
  AL, AK, AZ, AR, CA, CO, CT, DE, FL, GA, HI, ID, IL, IN, IA, KS, KY, LA, ME, MD, MA, MI, MN, MS,
  MO, MT, NE, NV, NH, NJ, NM, NY, NC, ND, OH, OK, OR, PA, RI, SC, SD, TN, TX, UT, VT, VA, WA, WV,
  WI, WY, DC]]

local second = words.list [[City, Park, Falls, Springs, Beach, Hill, Hills, Valley, Lake, Grove,
  Heights, Island, Junction, Bay, Creek, Harbor, Point, River, Bridge, Mills, Gardens, Center,
  Station, Village, Fork, Ridge]]
local first = words.list [[San, Santa, Saint, Fort, Port, Mount, New, North, South, East, West,
  Lake, Glen, El, La, Los, Old, Big, Little, Upper]]

-- Beginnings and ends of names that settlers gave.
local stems = words.list [[Ash, Bay, Beck, Bell, Ben, Berk, Black, Brad, Brent, Brook, Buck,
  Burl, Cal, Cam, Carl, Cedar, Clay, Clear, Cliff, Cole, Cold, Cor, Crest, Dal, Dan, Deer, Del,
  Dun, East, Eden, Edge, Elling, Elm, Fair, Fern, Flor, Fox, Frank, Gar, George, Glen, Gold,
  Grand, Green, Hal, Ham, Harris, Hart, Haver, Hazel, Hemp, Hick, High, Holl, Hunt, Jackson,
  James, John, Kane, Kel, Kent, Kings, Knox, Lake, Lan, Lans, Law, Lex, Lime, Lin, Little, Long,
  Lynn, Mad, Maple, Mar, Mead, Mel, Mill, Morris, Mor, Nash, New, Nor, Oak, Old, Orange, Ox,
  Palm, Pine, Plain, Pleasant, Plym, Pres, Quin, Ran, Red, Rich, River, Roch, Rock, Rose, Roy,
  Rus, Sal, Sand, Scott, Sea, Shel, Sher, Silver, Smith, South, Spring, Stan, Still, Stone, Sum,
  Sun, Tall, Taylor, Thom, Tren, Tuck, Union, Val, Vern, Wal, War, Water, Wat, Web, Wells, West,
  Whit, Wil, Win, Wood, Wynn]]
local ends = words.list [[ville, ville, ton, ton, ford, burg, field, wood, dale, port, land, mont,
  view, ham, boro, bury, brook, well, worth, hurst, side, hill, creek, crest, gate, den, son, neal,
  vale, point, ridge, stead, wick, bend, er, ley, ing, a, o]]

-- town(dice) -> a name of a town that is not there, or that few people know.
function places.town(dice)
  local name = dice:chance(0.5) and dice:pick(stems) .. dice:pick(ends)
    or names.capital(words.name(dice))
  if dice:chance(0.15) then return dice:pick(first) .. " " .. name end
  return dice:chance(0.2) and name .. " " .. dice:pick(second) or name
end

-- city(dice) -> a city, or such a town.
function places.city(dice)
  return dice:chance(0.5) and dice:pick(places.cities) or places.town(dice)
end

-- place(dice) -> a city, mostly with where it is.
function places.place(dice)
  local city = places.city(dice)
  if dice:chance(0.4) then return city end
  return city .. dice:pick { ", ", ", ", ", ", " " }
    .. dice:pick(dice:chance(0.5) and places.countries or places.states)
end

return places
