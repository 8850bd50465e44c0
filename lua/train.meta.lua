---@meta
-- train.meta.lua: what editors know of moonlet.trainer and moonlet.corpus. Never run.
-- Methods give nil, message, code when a file, memory or a number fails, and throw otherwise.

---@class moonlet.corpus sequences of token ids, with a weight for each as a target
---@operator len: integer
local corpus = {}
---@param ids integer[]
---@param weights? number[]
---@return moonlet.corpus
function corpus:add(ids, weights) end
---@param path string JSON lines of {"ids": [...], "weights": [...]} or {"text": "..."}
---@param model? moonlet.model encodes text
---@return moonlet.corpus? corpus
function corpus:read(path, model) end
---@param i integer
---@return integer ids
function corpus:length(i) end
---@param i integer
---@return number weight of its targets
function corpus:weight(i) end
function corpus:close() end

---@class moonlet.trainer_options
---@field tokens? integer most targets computed at once; 4096
---@field length? integer longest sequence in ids; default what the config allows
---@field seed? integer of the first weights and of dropout; 0
---@field weights? "f32"|"bf16" "bf16": matrices are computed with in bf16, rounded after each step from f32 ones; norms and low-rank updates stay in f32
---@field compute? "f32"|"bf16" "bf16": products round what they multiply to bf16 and sum in f32, more than twice as fast on a CPU with AMX and an error elsewhere; "f32"
---@field optimizer? "adamw"|"muon" "muon": the matrices of the blocks step by Muon, the other weights by AdamW; "adamw"
---@field dropout? number share of what is added to the residual stream that batch drops, up to 0.9; 0
---@field r_drop? number with dropout: share of the loss that is how far two passes of a batch are apart (R-Drop), half as fast; 0
---@field lora_rank? integer 0: all weights learn
---@field lora_alpha? number updates are scaled by alpha / rank; 16
---@field lora_targets? string[] of "q", "k", "v", "o", "gate", "up", "down"; default q and v
---@field lora_runs? boolean updates of their own for each run of a shared block
---@field teacher? moonlet.trainer a model of the same vocabulary to imitate; takes batches as large
---@field teacher_share? number of the teacher in the loss of batch; 0.5
---@field temperature? number that softens both distributions; 1
---@field threads? integer
---@field isa? string

---@class moonlet.step_options
---@field rate? number 1e-3
---@field beta1? number 0.9
---@field beta2? number 0.95
---@field epsilon? number 1e-8
---@field decay? number 0.1; norms have none
---@field clip? number largest norm of all gradients together; 1, 0: no limit
---@field momentum? number of Muon; 0.95

---@class moonlet.trainer
---@field config moonlet.config
---@field steps integer taken so far
---@field learning integer numbers that learn
---@field bytes integer of weights, moments and activations
local trainer = {}
---Adds the gradient times scale to what step uses.
---@param sequences moonlet.corpus
---@param rows integer[] numbers of sequences, from 1
---@param scale number
---@return number? loss sum of weight * -ln p
function trainer:batch(sequences, rows, scale) end
---@param sequences moonlet.corpus
---@param rows integer[]
---@return number? loss
function trainer:evaluate(sequences, rows) end
---@param options? moonlet.step_options
---@return number? norm of the gradients, before clipping
function trainer:step(options) end
---@param ids integer[]
---@return moonlet.tensor logits (n, V)
function trainer:logits(ids) end
---@return string[]
function trainer:names() end
---@param name string
---@return moonlet.tensor copy
function trainer:get(name) end
---@param name string
---@param t moonlet.tensor
---@return moonlet.trainer
function trainer:set(name, t) end
---@param directory string
---@param notes? string
---@return moonlet.trainer?
function trainer:save(directory, notes) end
---@param directory string
---@return string? notes
function trainer:restore(directory) end
---@param directory string
---@param options? {dtype: string}
---@return moonlet.trainer?
function trainer:export(directory, options) end
---@param directory string a PEFT adapter is written there
---@return moonlet.trainer?
function trainer:export_lora(directory) end
---@param directory string of a PEFT adapter
---@return moonlet.trainer?
function trainer:merge(directory) end
function trainer:close() end
