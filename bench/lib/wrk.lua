-- Generic wrk script. Everything comes from the environment:
--  K_METHOD, K_PATH, K_BODY   templates with {id} {id2} {cat} {page} {w} {q} {user} {qty}
--  K_TOKENS  file with one bearer token per line;  K_HEADERS  "Name: value" lines;  K_IDS / K_CATS files with one value per line
--  K_KEYS    prefix of an Idempotency-Key header that is new in every request
--  K_SERVERS "host:port" of several servers of one target, a wrk thread for each, so that they share the load;  K_PRODUCTS  how many {id} there are
--  K_DELAY   mean think time in ms per connection (fixed moderate rate = connections / think time);  K_SEED
local getenv = os.getenv
local function lines(f) local t = {}; if f and f ~= "" then for l in io.lines(f) do t[#t + 1] = l end end; return t end
local words = {}
for w in ("amber basil cedar dune ember fern grove hazel iris jade kelp linen maple nectar olive pearl quartz river sage tulip umber violet willow yarrow zinc apple banana cherry mango papaya bread cheese coffee honey salt soap candle basket bottle jar"):gmatch("%a+") do words[#words + 1] = w end
local method, path, body = getenv("K_METHOD") or "GET", getenv("K_PATH") or "/", getenv("K_BODY")
local tokens, ids, cats = lines(getenv("K_TOKENS")), lines(getenv("K_IDS")), lines(getenv("K_CATS"))
local nid, ncat, nuser = #ids > 0 and #ids or tonumber(getenv("K_PRODUCTS") or "10000"), #cats > 0 and #cats or 20, tonumber(getenv("K_USERS") or "1000")
local delay_ms = tonumber(getenv("K_DELAY") or "0")
local headers = {}
for l in (getenv("K_HEADERS") or ""):gmatch("[^\n]+") do local k, v = l:match("^([^:]+):%s*(.*)$"); headers[k] = v end
if body then headers["content-type"] = "application/json" end
local rnd = math.random
local function id() local n = rnd(nid); return ids[n] or n end
local function word() return words[rnd(#words)] end
local function begun(w) return w:sub(1, rnd(3, #w)) end
-- Two letters in the wrong order, the first one never: what a hurried hand writes.
local function mistyped(w) local at = rnd(2, #w - 1); return w:sub(1, at - 1) .. w:sub(at + 1, at + 1) .. w:sub(at, at) .. w:sub(at + 2) end
-- What people search for, of each kind as much: words, words that are still being written, words with a mistake in them, and names. Hardly one comes twice.
local kinds = {
  function() return word() .. "%20" .. word() end,
  function() return word() .. "%20" .. begun(word()) end,
  function() return mistyped(word()) .. "%20" .. begun(word()) end,
  function() return word() .. "%20" .. word() .. "%20" .. rnd(nid) end,
  function() return begun(word()) end,
}
local gen = { id = id, id2 = id, cat = function() local n = rnd(ncat); return cats[n] or n end, page = function() return rnd(5) end, w = word, q = function() return kinds[rnd(#kinds)]() end, user = function() return rnd(nuser) end, qty = function() return rnd(3) end }
local keys, key = getenv("K_KEYS"), 0
local function fill(t) return (t:gsub("{(%w+)}", function(k) return gen[k] and tostring(gen[k]()) or nil end)) end
local pdyn, bdyn = path:find("{%w+}") ~= nil, body and body:find("{%w+}") ~= nil
local servers, threads = {}, 0
for s in (getenv("K_SERVERS") or ""):gmatch("%S+") do servers[#servers + 1] = s end
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
  if servers[threads] then thread.addr = wrk.lookup(servers[threads]:match("^(.*):(%d+)$"))[1] end
end
-- A thread is its own Lua state: without its number all would ask for the same and repeat each other's keys.
function init() if keys then keys = keys .. "-" .. number end math.randomseed(tonumber(getenv("K_SEED") or "1") + 7919 * (number - 1)) for _ = 1, 10 do rnd() end end
if pdyn or bdyn or #tokens > 0 or keys then
  function request()
    if keys then key = key + 1; headers["idempotency-key"] = keys .. "-" .. key end
    if #tokens > 0 then headers["authorization"] = "Bearer " .. tokens[rnd(#tokens)] end
    return wrk.format(method, pdyn and fill(path) or path, headers, bdyn and fill(body) or body)
  end
else
  local fixed
  function request() if not fixed then fixed = wrk.format(method, path, headers, body) end return fixed end
end
if delay_ms > 0 then function delay() return rnd(0, 2 * delay_ms) end end
function done(s, l, r)
  local e = s.errors
  io.write(string.format('\nJSON {"requests":%d,"us":%d,"bytes":%d,"p50":%.3f,"p95":%.3f,"p99":%.3f,"max":%.3f,"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\n',
    s.requests, s.duration, s.bytes, l:percentile(50) / 1000, l:percentile(95) / 1000, l:percentile(99) / 1000, l.max / 1000, e.connect, e.read, e.write, e.status, e.timeout))
end
