---@meta
-- tensor.meta.lua: what editors know of tensors. Never run.

---@type moonlet
local moonlet = {}

-- ---- tensors: dims and positions count from 1, negative ones from the end ----

---@class moonlet.tensor
---@field shape integer[]
---@field dtype moonlet.dtype
---@field rank integer
---@operator add(moonlet.tensor|number): moonlet.tensor
---@operator sub(moonlet.tensor|number): moonlet.tensor
---@operator mul(moonlet.tensor|number): moonlet.tensor
---@operator div(moonlet.tensor|number): moonlet.tensor
---@operator pow(moonlet.tensor|number): moonlet.tensor
---@operator unm: moonlet.tensor
---@operator len: integer
---@field [integer] moonlet.tensor|number
local tensor = {}

---@alias moonlet.tensor_options {dtype?: moonlet.dtype}

---@param value number|table nested lists of numbers
---@param options? moonlet.tensor_options
---@return moonlet.tensor
function moonlet.tensor(value, options) end

---@param shape integer[]|integer
---@param options? moonlet.tensor_options
---@return moonlet.tensor
function moonlet.zeros(shape, options) end

---@param shape integer[]|integer
---@param options? moonlet.tensor_options
---@return moonlet.tensor
function moonlet.ones(shape, options) end

---@param shape integer[]|integer
---@param value number
---@param options? moonlet.tensor_options
---@return moonlet.tensor
function moonlet.full(shape, value, options) end

---@param first number
---@param last? number included
---@param step? number
---@param options? moonlet.tensor_options
---@return moonlet.tensor
function moonlet.arange(first, last, step, options) end

---@param shape integer[]|integer
---@param options? {dtype?: moonlet.dtype, seed?: integer}
---@return moonlet.tensor
function moonlet.randn(shape, options) end

---@param path string
---@param tensors table<string, moonlet.tensor>
---@return true? ok
---@return string? message
---@return string? code
function moonlet.save_tensors(path, tensors) end

---@param path string
---@return table<string, moonlet.tensor>? tensors read-only, on the mapped file
---@return string? message
---@return string? code
function moonlet.load_tensors(path) end

---@param ... integer one index per dim
---@return number
function tensor:get(...) end
---@param ... number one index per dim, then the value
---@return moonlet.tensor self
function tensor:set(...) end
---@param value number
---@return moonlet.tensor self
function tensor:fill(value) end
---@param source moonlet.tensor|table
---@return moonlet.tensor self
function tensor:copy(source) end
---@return number
function tensor:item() end
---@return table|number
function tensor:totable() end
---@return integer elements
function tensor:count() end
---@return boolean
function tensor:is_contiguous() end
---@param dtype moonlet.dtype
---@return moonlet.tensor
function tensor:to(dtype) end
---@return moonlet.tensor
function tensor:clone() end
---@param other moonlet.tensor
---@param tolerance? number
---@return boolean
function tensor:equals(other, tolerance) end
---@param other moonlet.tensor|number
---@return moonlet.tensor
function tensor:minimum(other) end
---@param other moonlet.tensor|number
---@return moonlet.tensor
function tensor:maximum(other) end
---@return moonlet.tensor
function tensor:abs() end
---@return moonlet.tensor
function tensor:exp() end
---@return moonlet.tensor
function tensor:log() end
---@return moonlet.tensor
function tensor:sqrt() end
---@return moonlet.tensor
function tensor:tanh() end
---@return moonlet.tensor
function tensor:sigmoid() end
---@return moonlet.tensor
function tensor:silu() end
---@param other moonlet.tensor
---@return moonlet.tensor
function tensor:matmul(other) end
---@param dim? integer
---@return moonlet.tensor
function tensor:sum(dim) end
---@param dim? integer
---@return moonlet.tensor
function tensor:mean(dim) end
---@param dim? integer
---@return moonlet.tensor
function tensor:max(dim) end
---@param dim? integer
---@return moonlet.tensor positions
function tensor:argmax(dim) end
---What the elements are like; min to std of the finite ones, and absent where there are none.
---std is of all of them: divided by their number.
---`weights:statistics().std`
---@return {finite: integer, nan: integer, inf: integer, min?: number, max?: number, mean?: number, std?: number}
function tensor:statistics() end
---How many elements lie in each of so many equal parts of their range, and that range.
---@param bins integer
---@return integer[] counts
---@return number least
---@return number most
function tensor:histogram(bins) end
---@param dim? integer the last if not given
---@return moonlet.tensor
function tensor:softmax(dim) end
---@param k integer
---@return moonlet.tensor values
---@return moonlet.tensor positions
function tensor:topk(k) end
---@param ... integer|integer[] one may be -1
---@return moonlet.tensor
function tensor:view(...) end
---@param ... integer|integer[]
---@return moonlet.tensor
function tensor:expand(...) end
---@param a integer
---@param b integer
---@return moonlet.tensor
function tensor:transpose(a, b) end
---@return moonlet.tensor
function tensor:t() end
---@param dim integer
---@param first integer
---@param n integer
---@return moonlet.tensor
function tensor:narrow(dim, first, n) end
---@param dim integer
---@param index integer
---@return moonlet.tensor
function tensor:select(dim, index) end
---@return moonlet.tensor
function tensor:contiguous() end
---A picture: tostring draws it in the terminal, picture:save(path) writes SVG. A heat map for two
---dims, a line for one, else a histogram; cells are means.
---`t:plot { title = "weights", colour = false }`
---@param options? {kind?: "heat"|"histogram"|"line", title?: string, columns?: integer, rows?: integer, colour?: boolean, labels?: string[]}
---@return moonlet.picture
function tensor:plot(options) end
function tensor:close() end

---@class moonlet.picture
local picture = {}
---@return string svg
function picture:svg() end
---@param path string
---@return moonlet.picture? self
---@return string? message
---@return string? code
function picture:save(path) end
