-- Distillation: a student that imitates a teacher's distribution.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
require "moonlet"
local train = require "moonlet.train"
local tiny = require "spec.train.tiny"

local config, corpus, ROWS, TARGETS = tiny.config, tiny.corpus, tiny.ROWS, tiny.TARGETS

local function learn(trainer, data, steps) return tiny.learn(trainer, data, steps, 1e-2) end

-- A teacher whose opinions are strong, of another shape than its students.
local function new_teacher(data)
  local teacher = assert(train.new(config { hidden_size = 48, num_attention_heads = 3,
    num_key_value_heads = 1 }, { tokens = 128, seed = 5 }))
  learn(teacher, data, 40)
  return teacher
end

local function student(options)
  options.tokens, options.seed = 128, 9
  return assert(train.new(config(), options))
end

describe("distillation", function()
  it("brings the student's probabilities to the teacher's", function()
    local data = corpus()
    local teacher = new_teacher(data)
    local pupil = student { teacher = teacher, teacher_share = 1, temperature = 2 }
    local first = assert(pupil:batch(data, ROWS, 0)) / TARGETS
    local last = learn(pupil, data, 150)
    assert.is_true(last < first / 50, ("%.4f to %.4f"):format(first, last))
    local ids = { 17 + 5, 17 + 20, 17 + 45 }
    local p, q = teacher:logits(ids):softmax(2), pupil:logits(ids):softmax(2)
    for _, difference in ipairs((p - q):view(-1):totable()) do
      assert.is_true(math.abs(difference) < 0.1)
    end
  end)

  it("with a share of 0 is plain training, with the same gradients", function()
    local data = corpus()
    local teacher = new_teacher(data)
    local plain, taught = student {}, student { teacher = teacher, teacher_share = 0 }
    assert.near(learn(plain, data, 5), learn(taught, data, 5), 1e-4)
  end)

  it("leaves evaluation alone: that is -ln p of the targets", function()
    local data = corpus()
    local teacher = new_teacher(data)
    local plain, taught = student {}, student { teacher = teacher }
    assert.equal(plain:evaluate(data, ROWS), taught:evaluate(data, ROWS))
  end)

  it("keeps a closed teacher as long as its student needs it", function()
    local data = corpus()
    local teacher = new_teacher(data)
    local pupil = student { teacher = teacher }
    teacher:close()
    collectgarbage()
    assert.is_truthy(pupil:batch(data, ROWS, 1))
    assert.has_error(function() student { teacher = teacher } end)
  end)

  it("refuses a teacher of another vocabulary, or of smaller batches", function()
    for more, sentence in pairs {
      [{ vocab_size = 65 }] = "one vocabulary",
      [{ max_position_embeddings = 40 }] = "sequences of 40",
    } do
      local teacher = assert(train.new(config(more), { tokens = 128 }))
      local ok, message = pcall(train.new, config(), { tokens = 128, teacher = teacher })
      assert.is_false(ok)
      assert.matches(sentence, message, 1, true)
    end
  end)

  it("is a setting of run", function()
    local data, out, from = tiny.file(), os.tmpname(), os.tmpname()
    os.remove(out)
    os.remove(from)
    assert(new_teacher(corpus()):export(from))
    local settings = { config = config(), data = data, out = out, tokens = 64, steps = 4,
      teacher = from, teacher_share = 0.7, temperature = 1.5 }
    assert.equal(4, assert(train.run(settings)).steps)
    settings.teacher = out .. "/nowhere"
    assert.is_nil((train.run(settings)))
  end)
end)
