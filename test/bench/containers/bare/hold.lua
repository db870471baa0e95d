-- Holds the requests of a service while its entry in hold.map is a time (Unix seconds) that lies ahead: a bounded queue in front of
-- a service that is away for a moment. Past the bounds, var(txn.hold_over) is set and the frontend answers 503.
-- From the environment: the map's file, the most requests held at once, the longest that one is held (milliseconds).
local most_held = tonumber(os.getenv("HOLD_MOST"))
local longest_ms = tonumber(os.getenv("HOLD_LONGEST_MS"))
local until_of = Map.new(os.getenv("HOLD_MAP"), Map._str)
local held = 0

local function now_ms()
  local now = core.now()
  return now.sec * 1000 + math.floor(now.usec / 1000)
end

local function is_held(service, now)
  return (tonumber(until_of:lookup(service)) or 0) * 1000 > now
end

core.register_action("hold", { "http-req" }, function(txn, service)
  local started = now_ms()
  if not is_held(service, started) then return end
  if held >= most_held then
    txn:set_var("txn.hold_over", "full")
    return
  end
  held = held + 1
  local now = started
  while is_held(service, now) do
    if now - started > longest_ms then
      txn:set_var("txn.hold_over", "late")
      break
    end
    core.msleep(10)
    now = now_ms()
  end
  held = held - 1
end, 1)
