-- Counts requests, each on all of its subjects or on none: apps/accounts/rates/window.py in Valkey.
-- KEYS: the classes in force, then the subjects of the first request, of the second, and so on.
-- ARGV: the time in ms (empty: Valkey's own), then for each request its class, the limit and the
-- window in seconds that hold while nobody published others, and how many subjects it has.
-- Returns for each request: allowed, limit, window in s, remaining, reset in ms.
local BUCKETS = 60

local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local tightening = redis.call('HMGET', KEYS[1], 'factor', 'until')
local factor = tonumber(tightening[1] or '1') or 1
if now > (tonumber(tightening[2] or '0') or 0) then factor = 1 end

local function limit_of(class, limit, window)
  local published = redis.call('HGET', KEYS[1], class)
  if published then
    local l, w = string.match(published, '^(%-?%d+) (%d+)$')
    if l then limit, window = tonumber(l), tonumber(w) end
  end
  if limit > 0 and class ~= 'premium' then
    limit = math.min(limit, math.max(1, math.floor(limit * factor)))
  end
  return limit, window
end

-- What counts for a subject now, after forgetting what lies before the window.
local function total_of(key, bucket, width)
  local kept = redis.call('HMGET', key, 'width', 'total', 'oldest')
  if not kept[1] then return 0, bucket end
  if tonumber(kept[1]) ~= width then
    redis.call('DEL', key) -- the window was changed: the buckets mean something else now
    return 0, bucket
  end
  local total, oldest = tonumber(kept[2]), tonumber(kept[3])
  local first = bucket - BUCKETS
  if oldest >= first then return total, math.min(oldest, bucket) end
  for old = oldest, math.min(first - 1, oldest + 2 * BUCKETS) do
    local count = redis.call('HGET', key, old)
    if count then
      total = total - tonumber(count)
      redis.call('HDEL', key, old)
    end
  end
  redis.call('HSET', key, 'total', total, 'oldest', first)
  return total, first
end

-- The oldest bucket that holds something, so that the empty ones before it are looked at once.
local function oldest_of(key, oldest, bucket)
  while oldest < bucket and redis.call('HEXISTS', key, oldest) == 0 do oldest = oldest + 1 end
  return oldest
end

-- How long until at least `room` of what counts is forgotten.
local function wait_of(key, oldest, bucket, width, room)
  for old = oldest, bucket do
    local count = redis.call('HGET', key, old)
    if count then
      room = room - tonumber(count)
      if room <= 0 then return (old + BUCKETS + 1) * width - now end
    end
  end
  return 0
end

local function decide(class, limit, window, first_key, count)
  limit, window = limit_of(class, limit, window)
  if limit < 0 or count == 0 then return {1, -1, window, 0, 0} end
  local width = math.max(1, math.floor(window * 1000 / BUCKETS))
  local bucket = math.floor(now / width)
  local totals, oldests, highest, fullest, wait = {}, {}, -1, 1, 0
  for i = 1, count do
    totals[i], oldests[i] = total_of(KEYS[first_key + i], bucket, width)
    if totals[i] > highest then highest, fullest = totals[i], i end
    if totals[i] >= limit then
      wait = math.max(wait, wait_of(KEYS[first_key + i], oldests[i], bucket, width, totals[i] - limit + 1))
    end
  end
  if highest >= limit then
    if wait == 0 then wait = width * BUCKETS end
    return {0, limit, window, 0, wait}
  end
  for i = 1, count do
    local key = KEYS[first_key + i]
    oldests[i] = oldest_of(key, oldests[i], bucket)
    redis.call('HINCRBY', key, bucket, 1)
    redis.call('HSET', key, 'width', width, 'total', totals[i] + 1, 'oldest', oldests[i])
    redis.call('PEXPIRE', key, (BUCKETS + 2) * width)
  end
  return {1, limit, window, limit - highest - 1, (oldests[fullest] + BUCKETS + 1) * width - now}
end

local answers, first_key = {}, 1
for at = 2, #ARGV, 4 do
  local count = tonumber(ARGV[at + 3])
  answers[#answers + 1] = decide(ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), first_key, count)
  first_key = first_key + count
end
return answers
