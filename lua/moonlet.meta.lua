---@meta moonlet
-- moonlet.meta.lua: the public surface with its types, for editors that read LuaCATS; tensors,
-- sessions, constraints and training have files of their own beside this one.
-- Nothing here runs. What may fail because of the world gives nil, message, code; a caller's
-- mistake throws. Codes: "mem", "io", "format", "support", "full", "cancel", "math".

---@alias moonlet.dtype "f32"|"bf16"|"f16"|"i32"|"i8"
---@alias moonlet.weights "f32"|"bf16"|"f16"|"q8"|"q4"
---@alias moonlet.ids integer[]|integer

---@class moonlet
---@field version string
---@field json moonlet.json
local moonlet = {}

---@class moonlet.weights_options how a model's weights are held and computed with
---@field dtype? moonlet.weights matrices are held so; as stored if not given
---@field head_dtype? moonlet.weights the same for embeddings and head; dtype, or q8 with q4
---@field compute? "f32"|"bf16" "bf16": long prompts meet bf16 matrices in bf16, several times the rate of f32 by AMX, up to twice that by AVX512-BF16, an error elsewhere (but for isa "scalar", the reference); "f32", the default: activations stay exact
---@field threads? integer threads that compute; -1, the default: one per CPU
---@field isa? string best CPU tier to use; one that this CPU lacks is an error
---@field layer_sharing? boolean overrides what config.json says

---@class moonlet.load_options: moonlet.weights_options
---@field adapter? string folder of a PEFT adapter (LoRA, rsLoRA, DoRA) that is merged into the weights

---Opens a model: a folder, "org/name" or "org/name@revision" in the Hugging Face cache, or, without
---a path, $MOONLET_MODEL or the bundled model. Nothing is ever downloaded.
---`model = assert(moonlet.load("facebook/MobileLLM-125M", { dtype = "q4" }))`
---@param path? string
---@param options? moonlet.load_options
---@return moonlet.model? model
---@return string? message
---@return string? code
function moonlet.load(path, options) end

---@class moonlet.plan_options: moonlet.weights_options and those of a session
---@field context? integer
---@field chunk? integer
---@field cache? "f32"|"bf16"|"q8"|"q4"

---@class moonlet.plan bytes, as model.bytes and session.bytes will say
---@field weights integer
---@field mapped integer how much of the weights stays in the file, shared by all that map it
---@field session integer cache and activations of one session
---@field total integer weights and one session

---The memory that a model and its session would take, without loading it: from config and headers.
---@param path? string
---@param options? moonlet.plan_options
---@return moonlet.plan? plan
---@return string? message
---@return string? code
function moonlet.plan(path, options) end

---@class moonlet.quantizer_options
---@field dtype? "q8"|"q4" of the matrices; "q4" if not given
---@field head_dtype? "q8"|"q4" of embeddings and head; dtype, or q8 with q4
---@field threads? integer
---@field isa? string

---Begins to copy a model, a folder or a GGUF file, to a folder with its matrices in 8.5 or 4.5 bits
---a weight, which then opens without any conversion. Each step writes one tensor; the last one puts
---the weights in place.
---@param source string
---@param target string a folder other than source, made if need be
---@param options? moonlet.quantizer_options
---@return moonlet.quantizer? quantizer
---@return string? message
---@return string? code
function moonlet.quantizer(source, target, options) end

---@class moonlet.quantizer
local quantizer = {}

---Text of the kind that the model is for, before the first step; more with each call. Matrices are
---then rounded to keep what they give for it (GPTQ, Frantar et al. 2022), not to keep themselves:
---about half the divergence in q4. Some 10 to 100 KB are enough; it takes as long as to read them.
---@param text string|integer[] or token ids
---@return true? done
---@return string? message
---@return string? code
function quantizer:calibrate(text) end
---@return string|false|nil name of the tensor that was written; false when all are
---@return string? type of it, or the message
---@return string? code
function quantizer:step() end
---@return integer steps in all
function quantizer:count() end
function quantizer:close() end

---@class moonlet.convert_options
---@field type? "f32"|"f16"|"bf16"|"q8_0"|"q4_0" of the matrices; as stored if not given. The last two are for GGUF files

---Writes a model's folder as a GGUF file, the format of llama.cpp, or such a file as a folder: what
---is no folder and ends in ".gguf" is such a file. Chat templates are not carried over. Layers that
---are shared are written twice.
---@param source string
---@param target string a file, or a folder without a model in it, made if need be
---@param options? moonlet.convert_options
---@return true? converted
---@return string? message
---@return string? code
function moonlet.convert(source, target, options) end

---Sequences to train on, of at most `longest` ids each; see lua/train.meta.lua.
---@param longest integer
---@return moonlet.corpus
function moonlet.new_corpus(longest) end

---A model in training; `require "moonlet.train"` makes it more comfortable.
---@param json string the text of its config.json
---@param options? moonlet.trainer_options
---@return moonlet.trainer? trainer
---@return string? message
---@return string? code
function moonlet.new_trainer(json, options) end

---What config.json says, by Hugging Face's names, and the exact number of parameters; no weights.
---@param path string a config.json, its folder, or a GGUF file
---@return moonlet.config? config
---@return string? message
---@return string? code
function moonlet.config(path) end

---What computes: of this Lua state, or of a model with an engine of its own.
---@param model? moonlet.model
---@return {version: string, isa: string, kernels: table<string, string>, blis: string, threads: integer, lua: string}
function moonlet.info(model) end

---@class moonlet.config
---@field model_type string
---@field num_hidden_layers integer
---@field hidden_size integer
---@field num_attention_heads integer
---@field num_key_value_heads integer
---@field head_dim integer
---@field intermediate_size integer
---@field vocab_size integer
---@field max_position_embeddings integer
---@field rope_theta number
---@field rms_norm_eps number
---@field share_embedding boolean
---@field layer_sharing boolean
---@field rope_interleaved boolean
---@field use_qk_norm boolean
---@field bos_token_id? integer
---@field eos_token_id integer[]
---@field parameters integer

-- ---- JSON ----

---@class moonlet.json
---@field null table what JSON's null becomes
local json = {}

---@param text string
---@param options? {depth?: integer, bytes?: integer, strict?: boolean, name?: string} at most 128 deep and 16 MiB; strict refuses a key that is there twice
---@return any value
---@return string? message with line and column
---@return string? code
function json.decode(text, options) end
---Throws for NaN, infinities, cycles, and what is neither array nor object.
---@param options? {indent?: integer|string, sort?: boolean}
---@return string
function json.encode(value, options) end
---@return table t marked: [] when empty
function json.array(t) end
---@return table t marked; keys is the order of its members
function json.object(t, keys) end
---@return boolean
function json.is_array(t) end
---@return string[] names in the order in which encode writes them
function json.keys(t, sorted) end
---The value so far of a text that is still growing, and what is open in it, outermost first.
---@return any value nil while there is none
---@return string[]|string open "object", "array", "key", "string", "number", "word"; or message
---@return string? code
function json.partial(text) end
---@return {push: fun(self: table, piece: string), value: fun(self: table)}
function json.reader() end

-- ---- models ----

---@class moonlet.model
---@field config moonlet.config
---@field path string
---@field bytes integer of weights
---@field dtypes table<string, string> what each parameter is held in: "q4", "f32", ...
local model = {}

---@return integer parameters
function model:count() end

---Every parameter by its Hugging Face name, as read-only tensors on the model's weights; those in
---q8 and q4 as fresh f32 tensors of the numbers that they stand for.
---@return table<string, moonlet.tensor>
function model:parameters() end

---@param text string
---@param options? {bos?: boolean, special?: boolean} bos: default true; special: text that spells a marker becomes it
---@return integer[]? ids counted from 0, the vocabulary's own
---@return string? message
---@return string? code
function model:encode(text, options) end

---@param ids moonlet.ids
---@return string? text
---@return string? message
---@return string? code
function model:decode(ids) end

---The bytes that a token adds in the middle of a text; "" for control symbols.
---@param id integer
---@return string?
function model:piece(id) end

---The id of a token by its spelling in the vocabulary: model:token "<|end|>".
---@param piece string
---@return integer?
function model:token(piece) end

---@param id integer
---@return boolean
function model:is_eos(id) end

---Whether a token is a control or user-defined symbol.
---@param id integer
---@return boolean
function model:is_special(id) end

---Sampling options read once, for a loop over session:sample.
---@param options? moonlet.sample_options
---@return moonlet.sampler
function model:sampler(options) end

---Text that cannot be wrong. What cannot be held exactly is refused by name.
---@param options moonlet.constraint_options
---@return moonlet.constraint? constraint
---@return string? message
---@return string? code
function model:constraint(options) end

---@param options? moonlet.session_options
---@return moonlet.session? session
---@return string? message
---@return string? code
function model:session(options) end

---The session that session:save wrote, of the same weights, adapter and config.
---@param path string
---@param options? moonlet.session_options
---@return moonlet.session? session
---@return string? message
---@return string? code
function model:restore(path, options) end

---Low-rank updates for sessions to choose among: W x + scale B (A x) over the model's weights of
---any type, which all sessions share. A PEFT folder of LoRA or rsLoRA of rank 256 at most, also one
---with updates of single runs of shared blocks; DoRA and updates of the head are for load's
---`adapter`.
---`a = assert(model:adapter "tuned/adapter"); model:generate(prompt, { session = model:session { adapter = a } })`
---@param path string
---@return moonlet.adapter? adapter
---@return string? message
---@return string? code
function model:adapter(path) end

---Sessions that decode together, so that the weights are read once for all of them. They may be
---fed alone in between.
---@param sessions moonlet.session[]
---@return moonlet.batch? batch
---@return string? message
---@return string? code
function model:batch(sessions) end

---The text that continues a prompt, and what happened: tokens, finish, seconds.
---`text, info = model:generate("Once upon a time", { max_tokens = 40, temperature = 0.7 })`
---@param prompt string|integer[]|nil nil continues options.session
---@param options? moonlet.generate_options
---@return string? text
---@return moonlet.generate_info|string|nil info or message
---@return string? code
function model:generate(prompt, options) end

---for piece in model:stream(prompt) do ... end
---@param prompt string|integer[]|nil
---@param options? moonlet.generate_options
---@return moonlet.generation? stream
---@return string? message
---@return string? code
function model:stream(prompt, options) end

---@param text string|integer[]
---@param options? {special?: boolean, context?: integer}
---@return {ids: integer[], logprobs: number[], sum: number, perplexity: number}? score the first logprob is NaN
---@return string? message
---@return string? code
function model:score(text, options) end

---What the model expected at each token: probability, rank, surprise in bits and the likeliest
---others. tostring shows it, coloured on a terminal; :save(path) writes SVG.
---`print(model:explain("<|user|> play some jazz<|call|>", { special = true }))`
---@param text string|integer[]
---@param options? {special?: boolean, top?: integer, context?: integer} top: likeliest others, 5
---@return {id: integer, piece: string, probability: number, rank: integer, surprise: number, top: table}[]? explanation
---@return string? message
---@return string? code
function model:explain(text, options) end

---What the tokens of a text look at, (tokens, tokens), and their pieces as labels.
---`map, pieces = model:attention("play some jazz", { layer = 3, head = 2 }); map:plot { labels = pieces }`
---@param text string|integer[]
---@param options? {layer?: integer, head?: integer|"mean", special?: boolean, context?: integer}
---@return moonlet.tensor? map
---@return string[]|string|nil pieces; or message
---@return string? code
function model:attention(text, options) end

---The logit lens: what each layer would say if it were the last; lens[layer][token].
---`print(model:lens "play some jazz")`
---@param text string|integer[]
---@param options? {special?: boolean, context?: integer}
---@return {id: integer, piece: string, probability: number}[][]? lens
---@return string? message
---@return string? code
function model:lens(text, options) end

---Which option continues the prompt best, and each option's probability among them.
---@param prompt string|integer[]|nil
---@param options string[]
---@param settings? {normalize?: boolean, special?: boolean, session?: moonlet.session, context?: integer}
---@return string? best
---@return table<string, number>|string|nil probabilities or message
---@return string? code
function model:choose(prompt, options, settings) end

---First a draft in free text, then the answer that a constraint holds, with the draft before it:
---what a format would keep the model from writing it may write in the draft. The answer's text is
---given.
---`model:draft_then_constrain("Is it warm? ", { choices = { "yes", "no" }, draft = { max_tokens = 40 } })`
---@param prompt string|integer[]|nil
---@param options moonlet.draft_options
---@return string? text
---@return moonlet.draft_info|string|nil info or message
---@return string? code "full": no room for the draft and the answer
function model:draft_then_constrain(prompt, options) end

---Releases the model; sessions that are open keep what they need.
function model:close() end

-- ---- batches ----

---@class moonlet.batch
local batch = {}

---One token for each session, false where one sits out. When one cannot take its token, none is
---fed.
---@param ids (integer|false)[]
---@return moonlet.batch? self
---@return string? message
---@return string? code
function batch:feed(ids) end

function batch:close() end

-- ---- options and results ----

---@class moonlet.sampler

---@class moonlet.sample_options applied in this order
---@field logit_bias? table<integer, number> added to logits; -math.huge bans
---@field penalty_last_n? integer tokens that the penalties look back on; 64
---@field repetition_penalty? number 1: off
---@field frequency_penalty? number 0: off
---@field presence_penalty? number 0: off
---@field dry_multiplier? number 0: off
---@field dry_base? number 1.75
---@field dry_allowed_length? integer 2
---@field dry_last_n? integer 0: all
---@field dry_breakers? string[] a token that contains one is a breaker; "\n" ":" '"' "*"
---@field top_k? integer 0: off
---@field top_p? number 1: off
---@field min_p? number 0: off
---@field temperature? number 0: the most likely token
---@field seed? integer 0; the draw depends on the seed and the session's length alone

---@class moonlet.generate_options: moonlet.sample_options
---@field max_tokens? integer 256
---@field min_tokens? integer 0: no EOS and no stop token before
---@field stop? string|string[] the text ends before the first of these
---@field stop_tokens? integer|integer[] ids that end the text and are not part of it
---@field session? moonlet.session continues it instead of a fresh one
---@field context? integer of the fresh session
---@field special? boolean text that spells a marker becomes it; false
---@field logits? fun(logits: moonlet.tensor, session: moonlet.session) may edit them before each draw
---@field logprobs? integer that many likeliest tokens for each generated one, in info
---@field schema? string|table|boolean the text is JSON that satisfies this JSON Schema, as text or as a table
---@field regex? string the whole text matches it
---@field choices? string[] the text is one of these
---@field gbnf? string the text is what llama.cpp's notation derives
---@field constraint? moonlet.constraint the same, compiled by model:constraint
---@field whitespace? "none"|"line"|"indent" of schema: in the JSON; "line"
---@field ordered? boolean of schema: members come in the schema's order; true
---@field formats? boolean of schema: `format` is an assertion; true
---@field trigger? string|string[]|integer text is free until this text or token came, then the constraint holds
---@field think? integer at most so many free tokens; then the trigger is put and the constraint holds. 0 with a trigger: nothing before it
---@field heal? boolean token healing: where a longer token may begin in the prompt's last one, the prompt's end is taken back and its tokens are chosen anew, together with what follows; they count as the prompt's. Default: true for a prompt given as text under a constraint that holds from the first token on
---@field echo? boolean the text begins with the prompt
---@field speculate? boolean|integer true: tokens that the text already said in a row are guessed and checked several at a pass, as long as that pays; a number: always, at most so many. The same tokens come; default false
---@field beams? integer beam search over so many texts at once: of all that it finds, the one that is likeliest as a whole; default 1. Not with sampling, logits, logprobs, min_tokens, ms, speculate, think or trigger
---@field fits? fun(text: string): boolean with beams: whether the text may go on from this beginning of it; asked for each of the texts and what may follow
---@field weigh? fun(text: string): number? with beams: nats in favour of a text that has ended, nil where it cannot tell; of the `beams` likeliest texts that end, the one is given whose ln p and weight are best together
---@field ms? number a stream's call comes back after about this time, with "" if it has no text

---@class moonlet.draft_options: moonlet.generate_options of the answer, a constraint among them
---@field draft? moonlet.generate_options of the draft, but session, context and special; max_tokens is 64 if not given
---@field between? string text between draft and answer; "\n"

---@class moonlet.draft_info: moonlet.generate_info of the answer
---@field draft moonlet.generate_info of the draft, with its text in the field `text`

---@class moonlet.generate_info
---@field tokens integer[]
---@field finish? "stop"|"length"|"eos"|"complete"|"cancel"|"full" "complete": the constraint is met and leaves nothing to come; nil while it runs
---@field stop? string|integer
---@field prompt_tokens integer
---@field generated_tokens integer
---@field seconds {prefill: number, decode: number}
---@field logprobs? {id: integer, piece: string, logprob: number, top: table[]}[]
---@field guesses? {guessed: integer, accepted: integer} tokens, with speculate
---@field forced? integer tokens about which the constraint left no choice
---@field healed? string the prompt's end whose tokens were chosen anew; nil when none were
---@field locked? string what was written under the constraint; nil when its trigger never came

---@class moonlet.generation
---@field info moonlet.generate_info
---@field session moonlet.session
---@operator call: string?
local generation = {}

---The next piece; nil at the end; nil, message, code where a call of the stream would throw.
---@return string? piece
---@return string? message
---@return string? code
function generation:next() end

---The text that one bounded piece of the work gave, maybe "": until ms milliseconds have passed or
---so many tokens are chosen; with neither, one token. nil once there is no more, and where the
---generation failed nil, message, code. Time is kept to one layer of the model.
---@param limits? {ms?: number, tokens?: integer}
---@return string? text
---@return string? message
---@return string? code
function generation:step(limits) end

---Ends it here: the text so far, and info. A session of the caller's stays usable. Leaving a for
---loop of Lua 5.4 does the same.
---@return string text
---@return moonlet.generate_info info
function generation:cancel() end
generation.close = generation.cancel

return moonlet
