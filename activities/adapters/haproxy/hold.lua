-- Two things that HAProxy's configuration cannot say: requests that wait for a switch, and copies of requests.
-- Both are driven by maps, so that they change without a reload and outlive the engine.
local folder = debug.getinfo(1, 'S').source:match('^@(.*)/[^/]*$')
local holds = Map.new(folder .. '/hold.map', Map._str)
local mirrors = Map.new(folder .. '/mirror.map', Map._str)

local POLL_MS = 20
-- A waiting request shows itself at every poll; one that has not for so long was given up by its client.
local SILENT_MS = 2000
local COPY_TIMEOUT_MS = 10000

local waiting = {} -- route -> token -> time of the last poll
local counts = {} -- route -> number of waiting requests, with those given up
local mirrored = {} -- route -> { sent, dropped, failed, flying, turn }

local function now_ms()
  local now = core.now()
  return now.sec * 1000 + math.floor(now.usec / 1000)
end

local function hold_of(route)
  local value = holds:lookup(route)
  if value == nil then return nil end
  local deadline, maximum = value:match('^(%d+):(%d+)$')
  return tonumber(deadline), tonumber(maximum)
end

local function forget_silent(route)
  local count = 0
  local oldest = now_ms() - SILENT_MS
  for token, seen in pairs(waiting[route] or {}) do
    if seen < oldest then waiting[route][token] = nil else count = count + 1 end
  end
  counts[route] = count
  return count
end

-- Waits until the route's hold is taken away or its deadline has come; over the bound it says so at once.
core.register_action('sluice_hold', { 'http-req' }, function(txn, route)
  local deadline, maximum = hold_of(route)
  if deadline == nil or now_ms() >= deadline then return end
  if (counts[route] or 0) >= maximum and forget_silent(route) >= maximum then
    txn:set_var('txn.sluice_over', '1')
    return
  end
  waiting[route] = waiting[route] or {}
  local token = {}
  waiting[route][token] = now_ms()
  counts[route] = (counts[route] or 0) + 1
  while deadline ~= nil and now_ms() < deadline do
    core.msleep(POLL_MS)
    waiting[route][token] = now_ms()
    deadline = hold_of(route)
  end
  waiting[route][token] = nil
  counts[route] = math.max(0, counts[route] - 1)
end, 1)

local NOT_COPIED = { connection = true, ['keep-alive'] = true, ['proxy-connection'] = true, upgrade = true, te = true }

local function copied_headers(txn)
  local headers = { ['x-sluice-mirror'] = { '1' } }
  for name, values in pairs(txn.http:req_get_headers()) do
    if not NOT_COPIED[name] then
      headers[name] = {}
      for _, value in pairs(values) do table.insert(headers[name], value) end
    end
  end
  return headers
end

local function send_copy(count, url, headers)
  core.register_task(function()
    -- Whatever happens to it, its place must become free again.
    local is_sent, answer = pcall(function()
      return core.httpclient():get({ url = url, headers = headers, timeout = COPY_TIMEOUT_MS })
    end)
    count.flying = count.flying - 1
    -- HAProxy answers 503 itself where nobody listens: it is counted as the application's own errors are.
    local status = is_sent and answer and answer.status or 0
    if status == 0 or status >= 500 then count.failed = count.failed + 1 end
  end)
end

-- Sends a copy to the coming version and drops its answer; never makes the request itself wait.
core.register_action('sluice_mirror', { 'http-req' }, function(txn, route)
  local value = mirrors:lookup(route)
  if value == nil then return end
  local percent, maximum, addresses = value:match('^([%d.]+):(%d+):(.+)$')
  if percent == nil or math.random() * 100 >= tonumber(percent) then return end
  local count = mirrored[route] or { sent = 0, dropped = 0, failed = 0, flying = 0, turn = 0 }
  mirrored[route] = count
  if count.flying >= tonumber(maximum) then
    count.dropped = count.dropped + 1
    return
  end
  local targets = core.tokenize(addresses, ',')
  count.turn = count.turn % #targets + 1
  count.flying = count.flying + 1
  count.sent = count.sent + 1
  send_copy(count, 'http://' .. targets[count.turn] .. txn.f:pathq(), copied_headers(txn))
end, 1)

-- `sluice counts`: route, waiting, copies sent, dropped, failed.
core.register_cli({ 'sluice', 'counts' }, 'sluice counts : waiting requests and copies', function(applet)
  local routes = {}
  for route in pairs(counts) do routes[route] = true end
  for route in pairs(mirrored) do routes[route] = true end
  for route in pairs(routes) do
    local copies = mirrored[route] or { sent = 0, dropped = 0, failed = 0 }
    local parts = { route, forget_silent(route), copies.sent, copies.dropped, copies.failed }
    applet:send(table.concat(parts, ' ') .. '\n')
  end
end)
