---@meta
-- session.meta.lua: what editors know of sessions and their adapters. Never run.
-- Failures give nil, message, code; a caller's mistake throws.

---@class moonlet.session_options
---@field context? integer most tokens; what the config allows
---@field chunk? integer most computed at once; 512
---@field cache? "f32"|"bf16"|"q8"|"q4" keys and values exact, in half, a quarter or an eighth of the
---memory; "q4" for heads of a multiple of 32
---@field adapter? moonlet.adapter

---@class moonlet.adapter sessions keep what they use of it, closed or not
---@field rank integer the largest
---@field bytes integer
local adapter = {}
function adapter:close() end

---@class moonlet.session
---@field model moonlet.model
---@field context integer most tokens
---@field bytes integer of cache and activations
---@operator len: integer
local session = {}

---@class moonlet.feed_options
---@field lazy? boolean leaves out the output head: logits are computed when they are asked for, and under a mask only those of the tokens that it leaves
---@field guesses? integer[] what may be fed next, at most 16, computed along with ids. A later feed that begins so costs nothing, another one what it always costs; no result changes

---Appends tokens and computes them. Text gets BOS in an empty session.
---@param ids moonlet.ids|string
---@param options? moonlet.feed_options
---@return moonlet.session? self
---@return string? message
---@return string? code "full" or "cancel": the session is as before
function session:feed(ids, options) end

---feed that also gives the logits of every token, (n, V).
---@param ids moonlet.ids|string
---@return moonlet.tensor? logits
---@return string? message
---@return string? code
function session:evaluate(ids) end

---feed that also gives ln p of each token given all before it; NaN for the very first.
---@param ids moonlet.ids|string
---@return number[]? logprobs
---@return string? message
---@return string? code
function session:score(ids) end

---feed in slices: begin, then step until it gives true.
---@param ids moonlet.ids|string
---@param options? moonlet.feed_options
---@return moonlet.session? self
---@return string? message
---@return string? code
function session:begin(ids, options) end

---Computes until the next layer, or the head, would end after options.ms milliseconds, but at least
---one; without ms just one; with math.huge all. Under a clock a layer is computed over so many
---tokens that it takes about a quarter of ms.
---@param options? { ms: number }
---@return boolean? done
---@return string? message
---@return string? code
function session:step(options) end

---The logits of the last token, (V): the session's own, to be edited before sample. The logit of
---token id is logits[id + 1].
---@return moonlet.tensor? logits
---@return string? message
---@return string? code
function session:logits() end

---The logits of some tokens, the same numbers as session:logits has; after a lazy feed only their
---rows of the output head are computed.
---@param ids moonlet.ids
---@return number[]? logits
---@return string? message
---@return string? code
function session:logits_of(ids) end

---@param options? moonlet.sample_options|moonlet.sampler
---@param matcher? moonlet.matcher only tokens that it allows may come; they come before every option
---@param also? moonlet.ids that may come besides
---@return integer? id
---@return number|string|nil logprob by the logits before any option; or message
---@return string? code
function session:sample(options, matcher, also) end

---sample without the probability, which costs the whole output head where a matcher leaves few
---tokens.
---@param options? moonlet.sample_options|moonlet.sampler
---@param matcher? moonlet.matcher
---@param also? moonlet.ids
---@return integer? id
---@return string? message
---@return string? code
function session:draw(options, matcher, also) end

---ln p of one token by the logits as they stand.
---@param id integer
---@return number? logprob
---@return string? message
---@return string? code
function session:logprob(id) end

---The likeliest next tokens; ln p is that among all tokens, also under a matcher.
---@param n? integer default 10; fewer where the matcher allows fewer
---@param matcher? moonlet.matcher only tokens that it allows
---@param also? moonlet.ids that may come besides
---@return {id: integer, piece: string, logprob: number}[]? best first
---@return string? message
---@return string? code
function session:top(n, matcher, also) end

---@return integer[] ids
function session:tokens() end

---@return moonlet.session? copy
---@return string? message
---@return string? code
function session:fork() end

---Another adapter, or nil for none. The cache belongs to the weights that computed it, so the
---session must be empty: rewind it to 0 before.
---@param to moonlet.adapter?
---@return moonlet.session self
function session:adapt(to) end

---Keeps the first n tokens. The logits are gone unless n is the present length.
---@param n integer
---@return moonlet.session self
function session:rewind(n) end

---Tokens, cache and logits to a file, for model:restore; all of it or nothing.
---@param path string
---@return moonlet.session? self
---@return string? message
---@return string? code
function session:save(path) end

---The running or next feed fails with "cancel".
function session:cancel() end

---@param prompt string|integer[]|nil
---@param options? moonlet.generate_options
---@return string? text
---@return moonlet.generate_info|string|nil info or message
---@return string? code
function session:generate(prompt, options) end

---@param prompt string|integer[]|nil
---@param options? moonlet.generate_options
---@return moonlet.generation? stream
---@return string? message
---@return string? code
function session:stream(prompt, options) end

---@param prompt string|integer[]|nil
---@param options string[]
---@param settings? {normalize?: boolean, special?: boolean}
---@return string? best
---@return table<string, number>|string|nil probabilities or message
---@return string? code
function session:choose(prompt, options, settings) end

---A draft, then an answer under a constraint; as model:draft_then_constrain. The session holds
---prompt, draft, what stands between and the answer; a stop string that ended the draft stays in it
---too.
---@param prompt string|integer[]|nil
---@param options moonlet.draft_options
---@return string? text
---@return moonlet.draft_info|string|nil info or message
---@return string? code
function session:draft_then_constrain(prompt, options) end

---Feeds, and keeps what it passes: result[name][layer] is a copy, (tokens, ...). Names in the order
---of computing: embedding (layer 0), attention_norm, q, k, v, q_rope, k_rope, attention_map,
---attention, attention_out, mlp_norm, gate, up, swiglu, residual. edit(name, layer, tensor) may
---give a tensor of the same shape, with which the pass goes on.
---`session:trace("Once", { names = { "residual" }, layers = { 1, 12 } }).residual[12]:plot()`
---@param ids moonlet.ids|string
---@param options? {names?: string[]|"all", layers?: integer[], edit?: fun(name: string, layer: integer, t: moonlet.tensor): moonlet.tensor?}
---@return table<string, table<integer, moonlet.tensor>>? trace
---@return string? message
---@return string? code
function session:trace(ids, options) end

---One stage of the feed that begin began: its name, layer, first position and tokens; false at the
---end. "embedding"; then per layer "attention_norm" "qkv" "rope" "attention" "attention_out"
---"mlp_norm" "gate_up" "swiglu" "mlp_out"; then "head".
---@return string|false|nil stage
---@return integer|string|nil layer from 1; or message
---@return integer|string|nil first from 1; or code
---@return integer? tokens
function session:stage() end

---A copy of what the feed in work holds: "x" (the residual stream) "h" (normed) "q" "k" "v"
---"attention" "gate" "up"; "keys" "values" of a layer's cache.
---@param name string
---@param layer? integer 1
---@return moonlet.tensor
function session:peek(name, layer) end

---Overwrites what peek gives, all but keys and values.
---@param name string
---@param t moonlet.tensor f32, contiguous, of the same shape
---@return moonlet.session self
function session:poke(name, t) end

function session:close() end
