-- home_media.lua: what people ask a voice assistant at home to play, and how loud. Read as home.lua
-- says.

return [[
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
  {music_genre:genres} songs | (play/put on) (music/some music/a
  song/something/anything/songs/some tunes/my music/my songs/my library) | play
  (something/songs/music) (like/similar to) {artist_name:artist} | play {music_genre:genres}
  (from/by) {artist_name:artist} | play (some/a little) {music_genre:genres} in the {:rooms} |
  (start/begin/resume) (playing/with) {song_name:songs} | i (want/wanna/need) (some/to hear some)
  {music_genre:genres} | i am in the mood for {music_genre:genres} | (give me/how about) some
  {artist_name:artist} | play the (song/track) {song_name:songs} on {app_name:apps} | play
  {artist_name:artist} on {app_name:apps} | play my {playlist_name:playlist} on {app_name:apps} |
  (blast/crank up/turn on/stream) (some ){artist_name:artist} | play (that/the) song
  (called/named) {song_name:songs} | play the album {song_name:songs} | play the
  {music_descriptor:rank} {artist_name:artist} song | play {music_descriptor:rank}
  {music_genre:genres} | play {music_descriptor:moods} {music_genre:genres} | (play/find) (some
  ){music_descriptor:moods} tunes | play music for (a party/working out/sleeping/dinner/studying)
  | play songs from the {date:decade} | play {music_genre:genres} from the {date:decade} | play
  music from {date:decade} | can i (hear/listen to) {song_name:songs} | (can/could/will) you play
  (some/me some/me) {artist_name:artist} | next (song/track) | (play/start) (it/this/that/the next
  one) | (play/shuffle) (all my/my) (songs/music/favorites) | (play/start) (my/the) playlist |
  {song_name:songs} by {artist_name:artist} | {song_name:songs} please | i would love to hear
  {song_name:songs} | sing me {song_name:songs} | play {song_name:songs} (again/on repeat/twice) |
  play the soundtrack (of/from) {:films} | play music by {artist_name:artist} and
  {artist_name:artist} | play {song_name:songs} then {song_name:songs} | play the (live/acoustic)
  version of {song_name:songs}
play_radio | (play/turn on/tune to/put on/start/tune in to) {radio_name:station} | (play/turn
  on/start) [the/my ]radio | (play/listen to) {radio_name:station} on {app_name:apps} | change the
  (station/channel) to {radio_name:station} | i want to (listen to/hear) {radio_name:station} |
  play [a/the/some ]{music_genre:genres} (station/radio) | tune the radio to {radio_name:station}
  | turn the radio to {radio_name:station} | find {radio_name:station} | play radio station
  {radio_name:station} | {radio_name:station} please | put {media_type:paper} radio on |
  (turn/switch) (the/my) radio on | (radio on/radio please/start the radio/open the radio/i want
  the radio/let's listen to the radio) | put (the radio/{radio_name:station}) on | is
  {radio_name:station} on | (listen to/let me hear/let's hear/give me/switch to/go to)
  {radio_name:station} | (set/change) the radio to {radio_name:station} | (open/start)
  {radio_name:station} (on/from/through) {app_name:apps} | play the {radio_name:station} station |
  what is (on/playing on) {radio_name:station}[ {date=today}] | is there any {music_genre:genres}
  on the radio | find a {music_genre:genres} station | (play/tune into) my favorite (station/radio
  station/channel) | next station | change (the station/the channel) | (play/find) the
  {radio_name:airs}[ on the radio] | turn on the {radio_name:airs} | play {person:people} (show/
  radio) | play {radio_name:station} in the {house_place:rooms} | play {person:people} radio |
  play the radio at {time:clock} | wake me with {radio_name:station}
play_podcasts | (play/start/put on) [the ]{podcast_name:podcasts}[ podcast] | play the
  {podcast_descriptor:episode} of {podcast_name:podcasts} | i want to (hear/listen to) [the
  podcast ]{podcast_name:podcasts} | (play/skip to) the {podcast_descriptor:episode}[ of this
  podcast/ of the podcast] | find[ me] a podcast (about/on) {podcast_descriptor:topics} | play my
  (favorite/latest) podcast | (download/resume) {podcast_name:podcasts} | play a podcast
  (about/on) {podcast_descriptor:topics} | is there a new episode of {podcast_name:podcasts} | (go
  to/play) the {podcast_descriptor:episode} | (play/start/resume/continue) (my/the/this/that/a)
  podcast | put on a podcast | i want to (hear/listen to) a podcast[ about
  {podcast_descriptor:topics}] | what podcasts (do i have/are new/are popular/should i listen to)
  | (list/show[ me]) (my/all/all my) podcasts | podcast (please/now) | (find/search for/look for)
  {podcast_name:podcasts} | (subscribe/ unsubscribe) (to/from) {podcast_name:podcasts} | (play/put
  on) {podcast_name:podcasts} from {date:ago} | play {date:ago's} {podcast_name:podcasts} | play
  {date:ago's} podcast | i missed {podcast_name:podcasts} {date:ago} play it | (play/start) the
  {podcast_descriptor:episode} (from/of) {podcast_name:podcasts}[ please] |
  {podcast_name:podcasts} {podcast_descriptor:episode} | (go/skip/jump/move) (back to/to/ahead to)
  the {podcast_descriptor:episode} | is there a {podcast_descriptor=new episode} | any
  {podcast_descriptor=new episodes} (of/from) {podcast_name:podcasts} |
  {podcast_descriptor:episode}[ please] | what is the {podcast_descriptor:episode} about |
  download the {podcast_descriptor:episode} | (play/find) me some {podcast_descriptor:sorts}
  podcasts | {podcast_descriptor:sorts} podcasts (please/now) | i like podcasts (about/on)
  {podcast_descriptor:topics} | can you (play/find) a good podcast | turn on
  {podcast_name:podcasts} | open {podcast_name:podcasts} on {:apps} | play {podcast_name:podcasts}
  with {person:people} | what is new on {podcast_name:podcasts} | who is on
  {podcast_name:podcasts} {date:near} | how many episodes of {podcast_name:podcasts} are there |
  (stop/pause) (this/the) podcast | play that (episode/podcast) again
play_audiobook | (play/start/read[ me]/open) [the audiobook/the book ]{audiobook_name:books}[ by
  {audiobook_author:authors}] | {player_setting:go_on} [the/my
  ]({media_type=audiobook}/{media_type=audio book}/{audiobook_name:books}) |
  {player_setting:go_on} {audiobook_name:books}[ from where i left off/ where i stopped] | i want
  to (listen to/hear) the {media_type=audiobook} {audiobook_name:books} | play
  {audiobook_name:books} on {app_name=audible} | go to chapter {:few} of {audiobook_name:books} |
  read {audiobook_name:books} (to/for) me | play my {media_type=audiobook} | play the
  {media_type=audiobook} {audiobook_name:books} by {audiobook_author:authors} |
  {player_setting=continue reading} {audiobook_name:books} |
  (play/open/read/{player_setting=continue}/{player_setting=resume}) (my/the/this)
  (book/story/novel) | read me a (story/book) | where did i (stop/leave off) in
  {audiobook_name:books} | (go back/skip/jump) (to chapter {:few}/one chapter/a page/ten minutes)[
  in {audiobook_name:books}] | (what/which) {media_type=audiobooks} do i have |
  (find/get/download/buy) {audiobook_name:books}[ on/ from {app_name=audible}] | (play/put on)
  {audiobook_name:books} (from the beginning/from chapter {:few}/at chapter {:few}) |
  {player_setting:go_on} my {media_type=audio book} | {player_setting=keep reading} |
  {player_setting:go_on} where (i/we) (left off/stopped) | {player_setting:go_on} the last
  {media_type=audiobook} | {player_setting:go_on} {audiobook_name:books} by
  {audiobook_author:authors} | play something by {audiobook_author:authors} | i want to
  ({player_setting=continue}/ finish) {audiobook_name:books} | i would like to hear
  {audiobook_name:books} | let's (listen to/hear/finish) {audiobook_name:books} | can you read[
  me] {audiobook_name:books} | listen to (my/an) {media_type=audiobook} | open {app_name=audible}
  | turn on my {media_type=audiobook} | {audiobook_name:books} {media_type=audiobook} please |
  play the {media_type=audiobook} {audiobook_name:books} again
play_game | (play/start/open/launch) {game_name:games}[ with me/ for me] | let's play[ a game of]
  {game_name:games} | i want to play {game_name:games} | (can/could/would) you play
  {game_name:games} with me | let's play a game | begin {game_name:games} | start a[ new] game of
  {game_name:games} | {game_name:games} | load my {game_name:games} game | how about a game of
  {game_name:games} | (play a game/games/let's play/start a game/open a game/i want to play a
  game/play something fun) | (do you/wanna/want to/would you like to) (know how to play/play)
  {game_name:games} | (can we/let us/shall we) play {game_name:games} |
  (start/open/launch/begin/run) (the game ){game_name:games}[ please] | {game_name:games}[ please]
  | i (feel like/am in the mood for/would like) (playing/a round of) {game_name:games} | i
  challenge you to {game_name:games} | play {game_name:games} (against me/with {:name}/again) |
  (resume/continue) (my/the) {game_name:games}[ game] | set up (a game of/a board of)
  {game_name:games} | (get/load) {game_name:games} (ready/up) | (what/which) games (can we play/do
  you have/do you know)
music_query | (what/which) song is (this/playing)[ now] | who (sings/wrote/is singing) this[ song]
  | what is the (name/title) of this song | what album is {song_name:songs} (on/from) | who sings
  {song_name:songs} | (which/what) (songs/albums) by {artist_name:artist} do i have | do i have
  any {music_genre:genres} (music/songs) | what {music_genre:genres} do you have | when did
  {artist_name:artist} release {song_name:songs} | tell me about this (song/artist/band) | is
  {artist_name:artist} (playing/the singer) | (what is/what's) (this/this called/playing/the
  track) | name (this/that) (song/tune/ track/singer) | who is (this/this singer/the artist/the
  composer/on guitar) | (who/which band) (made/recorded/performed/covered) (this/this track/this
  tune) | what (year/album/movie) is this (song/track)[ from] | when (was/did) this (song/album)
  (come out/released) | what genre is this | (tell/give/show) me the
  (name/title/lyrics/artist/singer) of (this/the current/that) (song/ track) | what (am i/are we)
  listening to | identify this (song/music) | is this {artist_name:artist} | (what are/show
  me/read) the lyrics (to/of/for) {song_name:songs} | who (wrote/composed/ recorded)
  {song_name:songs} | what (year/album) (was/is) {song_name:songs} (released/on) | which
  {artist_name:artist} (songs/albums) (do i own/are in my library/are popular) | show me (all/my)
  {artist_name:artist} (songs/albums) | list (my/all the) {music_genre:genres} songs | how many
  songs (do i have/are on my phone/are in my playlist) | what (playlists do i have/is in my
  playlist/is on my playlist) | what is my (favorite/most played) (song/artist/genre/band) | what
  (music/kind of music/songs) do i (like/listen to/have) | what is the (number one/most popular/
  top) song[ {date:ago}] | how long is this song | (find/search for/look up) {music_genre:genres}
  music | what did i (listen to/play) {date:ago} | what was the (last/previous) song | what comes
  (next/after this) | show me (the queue/my music/my songs/what is playing)
music_likeness | i (like/love/really like/enjoy)
  ({artist_name:artist}/{music_genre:genres}/{song_name:songs}/this song)[ remember that/ save
  that] | (save/rate/like) this song | this is (my favorite/a great/such a good) song | (add/save)
  {song_name:songs} to my favorites | {music_genre:genres} is my favorite (genre/music) | thumbs
  up for {song_name:songs} | this (band/singer) is (great/awesome) | (this/that) (song/tune/track)
  is (great/awesome/my jam/so good/beautiful/ amazing) | (good/great/nice)
  (song/music/choice/tune) | (i/i really) (like/love/adore) (this/ that/it/this one/this
  music/this album/this band) | (remember/note/save) that i (like/love)
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
music_settings | {player_setting:playing} [this/the/that/my ](song/music/playlist/album) |
  (put/set) (the song/music/it) on {player_setting:playing} | {player_setting:playing}
  {song_name:songs} | turn on {player_setting:playing} | {player_setting:playing} (it/this
  one/music/songs/all songs) | {player_setting=shuffle} (my/all) (songs/music/playlist) |
  {player_setting=repeat} (this/the last) (song/track)[ please] | turn (off/on)
  {player_setting:playing}[ mode] | (stop/disable/enable) {player_setting:playing} |
  {player_setting=skip} (this/the) (song/track) | play (this/the) song on {player_setting=repeat}
  | (set/make) {player_setting:playing} (on/off) | put (this song/the album) on
  {player_setting=loop}
audio_volume_up | (turn up/raise/increase) the (volume/sound/music)[ a bit/ a little/
  {change_amount:level}/ {change_amount:level}] | turn the volume up[ a bit/ a little/
  {change_amount:level}/ {change_amount:level}] | (louder/make it louder/speak louder)[ please] |
  (set/turn) the volume {change_amount:level} | i can't hear (you/the music/it) | (volume up/sound
  up/more volume/higher/increase volume/louder please/full volume/max volume) | (can
  you/please/could you) (turn it up/speak up/turn up the {device_type:sound})[ a little] | (turn
  up/increase) the volume (of/on) (the/my) {device_type:sound} | i (need it/want it) louder | (too
  quiet/it's too quiet/you're too quiet) | make the (music/sound/volume) louder | (raise/bring)
  the (volume/sound) (level/up)[ {change_amount:level}]
audio_volume_down | (turn down/lower/decrease/reduce) the (volume/sound/music)[ a bit/ a little/
  {change_amount:level}/ {change_amount:level}] | turn the volume down[ a bit/ a little/
  {change_amount:level}/ {change_amount:level}] | (quieter/softer/make it quieter/speak softer/not
  so loud)[ please] | it's too loud | the (music/volume) is too loud | (volume down/sound
  down/less volume/lower/decrease volume/quieter please/low volume) | (can you/please/could you)
  (turn it down/lower your voice/turn down the {device_type:sound})[ a little] | (turn down/lower)
  the volume (of/on) (the/my) {device_type:sound} | (you're/that's) too loud | make the
  (music/sound/volume) (softer/lower) | (bring/turn) (the sound/it) down[ {change_amount:level}]
audio_volume_mute | (mute/silence) [the/your/my ](speakers/sound/volume)[ for {time:while}] | (be
  quiet/stop talking/shut up/mute/silence/quiet)[ please] | mute (yourself/everything) | turn
  (the/off the) sound off | don't (speak/talk)[ for {time:while}/ until {time:clock}] |
  (hush/shush/sh/silence please/no sound/sound off/volume off/mute please/stop speaking/silent
  mode/quiet please) | (turn/shut) off the (sound/volume/speakers) | (can you/please/could you)
  (be quiet/mute/stop talking)[ for {time:while}] | (mute/silence) the {device_type:sound} |
  (unmute/turn off mute/sound on) | stop (the music/making noise) | i (need/want) (quiet/silence)[
  for {time:while}] | (mute/silence) (all/my) (notifications/alerts)[ until {time:clock}]
]]
