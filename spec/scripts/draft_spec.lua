-- draft_then_constrain: a free draft, then an answer under a constraint with the draft before it.
require "spec.support"
local moonlet = require "moonlet"

local model = assert(moonlet.load())
local CHOICES = { "sunny", "rainy", "no idea" }

local function with(base, more)
  local all = {}
  for name, value in pairs(base) do all[name] = value end
  for name, value in pairs(more) do all[name] = value end
  return all
end

describe("draft_then_constrain", function()
  it("is two generations in one session", function()
    for _, case in ipairs {
      { {}, {}, nil },
      { { max_tokens = 9, temperature = 1, seed = 4 }, { seed = 5, temperature = 2 }, " So: " },
      { { max_tokens = 30, stop = "." }, { logprobs = 1, speculate = true }, "\n{\"na" },
    } do
      local draft_options, answer_options, between = case[1], case[2], case[3]
      local by_hand = model:session()
      local draft = assert(by_hand:generate("The weather",
        with({ max_tokens = 64 }, draft_options)))
      local want, told = assert(by_hand:generate(between or "\n",
        with({ choices = CHOICES }, answer_options)))
      local options = with({ choices = CHOICES, draft = draft_options, between = between },
        answer_options)
      local session = model:session()
      local text, info = assert(session:draft_then_constrain("The weather", options))
      assert.equal(want, text)
      assert.equal(draft, info.draft.text)
      assert.same(by_hand:tokens(), session:tokens())
      assert.same(told.tokens, info.tokens)
      assert.equal("complete", info.finish)
      assert.truthy(info.draft.finish)
      assert.equal(want, (model:draft_then_constrain("The weather", options)))
      options.session = model:session()
      assert.equal(want, (model:draft_then_constrain("The weather", options)))
      assert.same(by_hand:tokens(), options.session:tokens())
    end
  end)

  it("writes at most 64 tokens of draft, and goes on from what a session holds", function()
    local _, info = model:draft_then_constrain("The cat", { choices = CHOICES,
      draft = { min_tokens = 64 } })
    assert.equal(64, info.draft.generated_tokens)
    local session = model:session():feed "The cat"
    local text = assert(session:draft_then_constrain(nil, { regex = "[0-9]{2}",
      draft = { max_tokens = 2 } }))
    assert.matches("^%d%d$", text)
    assert.equal("The cat", model:decode(session:tokens()):sub(1, 7))
  end)

  it("keeps markers that a draft spells text, and reads those of the prompt when asked", function()
    local call = model:token "<|call|>"
    local session = model:session()
    session:draft_then_constrain("<|call|>", { special = true, between = "<|user|>",
      choices = CHOICES, draft = { regex = "<\\|user\\|>" } })
    local count = { [call] = 0, [model:token "<|user|>"] = 0 }
    for _, id in ipairs(session:tokens()) do
      if count[id] then count[id] = count[id] + 1 end
    end
    assert.same({ [call] = 1, [model:token "<|user|>"] = 1 }, count)
  end)

  it("tells what is wrong before it drafts", function()
    local session = model:session():feed "x"
    for _, options in ipairs { {}, { heal = true }, { choices = CHOICES, drafft = {} },
      { choices = CHOICES, draft = 5 }, { choices = CHOICES, between = 5 },
      { choices = CHOICES, draft = { max_token = 5 } }, { choices = CHOICES, regex = "a" },
      { choices = CHOICES, draft = { session = session } },
      { choices = CHOICES, draft = { special = true } } } do
      local ok, message = pcall(function()
        return (session:draft_then_constrain("x", options))
      end)
      assert.is_false(ok)
      assert.matches("draft_spec.lua:%d+: ", message)
    end
    local text, message, code = session:draft_then_constrain("x", { regex = "(?=a)" })
    assert.is_nil(text)
    assert.equal("support", code)
    assert.equal("string", type(message))
    assert.equal(2, #session)
    code = select(3, model:draft_then_constrain("The cat", { choices = CHOICES, context = 4 }))
    assert.equal("full", code)
  end)
end)
