-- HTTP for tools: where it may go, how much it takes, when it tries again. The network is a table.
require "spec.support"
require "moonlet"
local http = require "moonlet.http"

-- A network: names = { name = addresses }, answers = { ["address:port path"] = text or list }.
local function network(names, answers)
  local log = { connected = {}, slept = {}, sent = {} }
  local transport = {}
  function transport.sleep(seconds) log.slept[#log.slept + 1] = seconds end
  function transport.resolve(name) return names[name], "no such name" end
  function transport.connect(to, port)
    log.connected[#log.connected + 1] = to .. ":" .. port
    local text, at = nil, 1
    return {
      settimeout = function() end, close = function() end,
      send = function(_, request)
        log.sent[#log.sent + 1] = request
        local key = to .. ":" .. port .. " " .. request:match "^%u+ (%S+)"
        text = answers[key]
        if type(text) == "table" then text = table.remove(text, 1) end
        return text and #request, "refused"
      end,
      receive = function()
        if at > #text then return nil, "closed", "" end
        local piece = text:sub(at, at + 6)
        at = at + 7
        return piece
      end,
    }
  end
  return transport, log
end

local function ok(body, headers)
  return ("HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s"):format(headers or "", #body, body)
end

local FORBIDDEN = {
  "http://127.0.0.1/", "http://127.1/", "http://127.0.1/", "http://2130706433/",
  "http://0x7f000001/",
  "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://017700000001/", "http://127.0.0.01/",
  "http://0/", "http://0.0.0.0/", "http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/",
  "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/",
  "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[fe80::1]/", "http://[fc00::1]/",
  "http://[fd12::1]/", "http://[ff02::1]/", "http://[fe80::1%25eth0]/", "http://169.254.169.254/x",
  "http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/",
  "http://100.64.0.1/", "http://198.18.0.1/", "http://224.0.0.1/", "http://255.255.255.255/",
  "http://localhost/", "http://localhost./", "http://LOCALHOST/", "http://evil.test/",
  "http://good.test@127.0.0.1/", "http://good.test:80@evil.test/", "http://good.test%40evil.test/",
  "http://good.test\\@127.0.0.1/", "http://good.test.evil.test/", "http://evil.test#good.test/",
  "http://evil.test?good.test", "https://good.test/", "http://good.test:8080/", "ftp://good.test/",
  "file:///etc/passwd", "gopher://good.test/", "//good.test/", "http:/good.test/", "http:good.test",
  "javascript:alert(1)", "http://good.test:0/", "http://good.test:99999/", "http://go\tod.test/",
  "http://good.test\r\nX: y/", "http://\u{24D6}ood.test/", "http://rebind.test/", "http://", "",
  "http://999.1.1.1/", "http://1.1.1.1.1/", "http://good..test/",
}

describe("http", function()
  it("refuses every spelling of a place it must not go", function()
    local names = { ["good.test"] = { "93.184.216.34" }, localhost = { "127.0.0.1" },
      ["evil.test"] = { "93.184.216.35" }, ["rebind.test"] = { "93.184.216.34", "127.0.0.1" } }
    local allow = { "http://good.test", "http://rebind.test", "http://localhost" }
    -- even when the numbers themselves are on the list
    for _, url in ipairs { "http://127.0.0.1", "http://[::1]", "http://10.0.0.1",
      "http://169.254.169.254", "http://[::ffff:127.0.0.1]", "http://0.0.0.0" } do
      allow[#allow + 1] = url
    end
    local transport, log = network(names, {})
    local client = http.new { allow = allow, transport = transport }
    assert.truthy(#FORBIDDEN >= 40)
    for _, url in ipairs(FORBIDDEN) do
      local answer, message, code = client:request(url)
      assert.is_nil(answer)
      assert.equal("forbidden", code, url .. " " .. tostring(message))
    end
    assert.same({}, log.connected)
  end)

  it("reads a URL only where it is written plainly", function()
    for _, url in ipairs { "http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/",
      "http://0177.0.0.1/", "http://127.0.0.01/", "http://1.2.3.4567/", "http://a b/",
      "http://a/\tb", "http://a\\b/", "http://a/\\b", "http://u@a/", "http://a%2eb/", "http://a:0/",
      "http://a:65536/", "http://[::1%25x]/", "http://a..b/", "http://-a/", "ftp://a/",
      "http://a/\u{e9}" } do assert.is_nil((http.address.url(url)), url) end
    local u = http.address.url "HTTP://A.b:81/x?y#z"
    assert.same({ "http", "a.b", 81, "/x?y" }, { u.scheme, u.host, u.port, u.path })
  end)

  it("knows what is public", function()
    for _, good in ipairs { "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111",
      "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::" } do
      assert.equal(true, http.address.public(good), good)
    end
    for _, bad in ipairs { "127.0.0.1", "fe80::1", "nonsense", "2001:db8::1", "2001:0:1::",
      "100.64.0.1", "169.254.1.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "0.1.2.3",
      "64:ff9b::7f00:1", "2002:7f00:1::", "::ffff:10.0.0.1", "::127.0.0.1", "fc00::1", "::" } do
      assert.equal(false, http.address.public(bad), bad)
    end
  end)

  it("fetches, pinned to the address that was checked", function()
    local calls = 0
    local transport, log = network({}, { ["93.184.216.34:80 /a?b=1"] = ok "hello" })
    function transport.resolve()
      calls = calls + 1
      return { calls == 1 and "93.184.216.34" or "127.0.0.1" }
    end
    local client = http.new { allow = { "http://good.test" }, transport = transport }
    local answer = assert(client:request "http://good.test/a?b=1#fragment")
    assert.same({ 200, "hello", false, 1 }, { answer.status, answer.body, answer.truncated, calls })
    assert.same({ "93.184.216.34:80" }, log.connected)
    assert.truthy(log.sent[1]:find("^GET /a%?b=1 HTTP/1.1\r\nHost: good.test:80\r\n"))
  end)

  it("checks every redirect again, and keeps secrets at home", function()
    local names = { ["good.test"] = { "1.1.1.1" }, ["other.test"] = { "1.1.1.2" } }
    local function to(url)
      return "HTTP/1.1 302 Found\r\nLocation: " .. url .. "\r\nContent-Length: 0\r\n\r\n"
    end
    local answers = { ["1.1.1.1:80 /1"] = to "http://127.0.0.1/", ["1.1.1.1:80 /2"] = to "/3",
      ["1.1.1.1:80 /3"] = to "http://other.test/4", ["1.1.1.2:80 /4"] = ok "there",
      ["1.1.1.1:80 /loop"] = to "loop", ["1.1.1.1:80 /form"] = to "/done",
      ["1.1.1.1:80 /done"] = ok "done" }
    local transport, log = network(names, answers)
    local client = http.new { allow = { "http://good.test", "http://other.test" },
      transport = transport }
    assert.equal("forbidden", (select(3, client:request "http://good.test/1")))
    local answer = client:request { url = "http://good.test/2", headers = { Authorization = "x" } }
    assert.equal("there", answer.body)
    assert.truthy(log.sent[3]:find "Authorization")
    assert.falsy(log.sent[4]:find "Authorization")
    assert.truthy(select(2, client:request "http://good.test/loop"):find "too many redirects")
    client:request { url = "http://good.test/form", method = "POST", body = "x" }
    assert.truthy(log.sent[#log.sent]:find "^GET /done ")
    assert.falsy(log.sent[#log.sent]:find "Content%-Length")
  end)

  it("keeps to its size and its time", function()
    local answers = { ["1.1.1.1:80 /long"] = ok(("x"):rep(1000)),
      ["1.1.1.1:80 /chunks"] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        .. "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
      ["1.1.1.1:80 /open"] = "HTTP/1.0 200 OK\r\n\r\nto the end",
      ["1.1.1.1:80 /junk"] = "nonsense\r\n\r\n", ["1.1.1.1:80 /head"] = "HTTP/1.1 200 OK\r\nA: "
        .. ("x"):rep(70000),
      ["1.1.1.1:80 /heads"] = "HTTP/1.1 200 OK\r\n" .. ("A: x\r\n"):rep(20000),
      ["1.1.1.1:80 /length"] = "HTTP/1.1 200 OK\r\nContent-Length: 3x\r\n\r\nabc",
      ["1.1.1.1:80 /cut"] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc" }
    local transport = network({ ["good.test"] = { "1.1.1.1" } }, answers)
    local options = { allow = { "http://good.test" }, transport = transport, most = 100, tries = 1 }
    local client = http.new(options)
    local long = client:request "http://good.test/long"
    assert.same({ 100, true }, { #long.body, long.truncated })
    assert.equal("abcde", client:request("http://good.test/chunks").body)
    assert.equal("to the end", client:request("http://good.test/open").body)
    assert.equal("format", (select(3, client:request "http://good.test/junk")))
    for _, path in ipairs { "head", "cut", "none" } do
      assert.equal("io", (select(3, client:request("http://good.test/" .. path))))
    end
    for path, why in pairs { head = "a header that is too long", heads = "more than 64 KiB",
      length = "malformed Content%-Length", cut = "closed" } do
      assert.truthy(select(2, client:request("http://good.test/" .. path)):find(why), path)
    end
    options.timeout = 0
    local log
    options.transport, log = network({ ["good.test"] = { "1.1.1.1" } }, answers)
    assert.equal("timeout", (select(3, http.new(options):request "http://good.test/open")))
    assert.same({}, log.connected)
    options.timeout, options.most = 0.05, 1e9
    options.transport.connect = function()      -- a server that never stops
      local begun
      return { settimeout = function() end, close = function() end, send = function() return 1 end,
        receive = function()
          if begun then return "x" end
          begun = true
          return "HTTP/1.0 200 OK\r\n\r\n"
        end }
    end
    assert.equal("timeout", (select(3, http.new(options):request "http://good.test/open")))
  end)

  it("waits behind answers that only say that one will come", function()
    local early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    local transport, log = network({ ["good.test"] = { "1.1.1.1" } }, {
      ["1.1.1.1:80 /a"] = "HTTP/1.1 100 Continue\r\n\r\n" .. early .. ok("hello", "A: b\r\n"),
      ["1.1.1.1:80 /none"] = early,
      ["1.1.1.1:80 /switch"] = "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nbytes" })
    local client = http.new { allow = { "http://good.test" }, transport = transport, tries = 1 }
    local answer = assert(client:request { url = "http://good.test/a", method = "POST",
      body = "x" })
    assert.same({ 200, "hello", "b" }, { answer.status, answer.body, answer.headers.a })
    assert.is_nil(answer.headers.link)
    assert.equal("io", (select(3, client:request "http://good.test/none")))
    answer = assert(client:request "http://good.test/switch")
    assert.same({ 101, "", "x" }, { answer.status, answer.body, answer.headers.upgrade })
    assert.equal(3, #log.connected)
  end)

  it("tries again what is harmless, with growing pauses", function()
    local function busy(n, then_say)
      local list = {}
      for i = 1, n do list[i] = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n" end
      list[n + 1] = then_say
      return list
    end
    local function try(request, n, timeout)
      local transport, log = network({ ["good.test"] = { "1.1.1.1" } },
        { ["1.1.1.1:80 /"] = busy(n, ok "at last") })
      local answer = http.new { allow = { "http://good.test" }, transport = transport,
        random = function() return 0 end, timeout = timeout }:request(request)
      return answer.status, log.slept
    end
    assert.same({ 200, { 0.5, 1 } }, { try("http://good.test/", 2) })
    assert.same({ 503, { 0.5, 1 } }, { try("http://good.test/", 3) })
    assert.same({ 503, {} }, { try({ url = "http://good.test/", method = "POST" }, 2) })
    assert.same({ 503, { } }, { try("http://good.test/", 2, 0.4) })
    local transport, log = network({ ["good.test"] = { "1.1.1.1" } }, { ["1.1.1.1:80 /"] = {
      "HTTP/1.1 429 Slow\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n", ok "yes" } })
    local connect, down = transport.connect, 1
    function transport.connect(...)
      down = down - 1
      if down >= 0 then return nil, "connection refused" end
      return connect(...)
    end
    local client = http.new { allow = { "http://good.test" }, transport = transport,
      random = function() return 0 end }
    assert.equal("yes", client:request("http://good.test/").body)
    assert.same({ 0.5, 3 }, log.slept)
  end)

  it("refuses headers that would forge a request", function()
    local client = http.new { allow = { "http://good.test" },
      transport = network({ ["good.test"] = { "1.1.1.1" } }, {}) }
    for _, headers in ipairs { { ["A\r\nB"] = "x" }, { A = "x\r\nHost: evil" } } do
      local fine, message = pcall(client.request, client, { url = "http://good.test/",
        headers = headers })
      assert.equal(false, fine)
      assert.truthy(message:find "header")
    end
    assert.equal(false, (pcall(http.new, { allow = { "good.test" },
      transport = network({}, {}) })))
  end)
end)
