-- walk(model, constraint, most, choose, what) -> a text by chance among what the masks allow; nil
-- when it has not ended after `most` tokens. choose(ids, n) -> which of the allowed ids comes as
-- n-th token; default any. Wherever the walk stands a token may follow; what: named where none may.
return function(model, constraint, most, choose, what)
  local matcher, out = constraint:matcher(), {}
  for n = 1, most do
    local ids = matcher:allowed()
    assert(#ids > 0, (what or "") .. ": nothing may follow " .. table.concat(out))
    local id = choose and choose(ids, n) or ids[math.random(#ids)]
    assert(matcher:accept(id))
    if model:is_eos(id) then return table.concat(out) end
    out[#out + 1] = model:piece(id)
  end
end
