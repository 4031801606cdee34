-- Reads parts of a set for several readers, in one go. Listed are those with more points first,
-- ties by their alias.
-- KEYS[1]: the set. ARGV: the mark it must have; how many have to follow for those below to be
-- shown; and packed: the readers, each as {points, alias}, and the parts to read, each one of
--   {'top', LIMIT} | {'place', FROM, LIMIT} | {'after', POINTS, ALIAS, LIMIT}
--   | {'around', POINTS, ALIAS, ABOVE, BELOW}
-- Answers nothing if the mark is another, else, packed: how many are in the set; for each reader how
-- many are above, and where what they may see ends; and for each part: where it starts, how many
-- are above its first, how many down to the first's ties, and who is in it.
local set = KEYS[1]
local mark, enough = ARGV[1], tonumber(ARGV[2])
if redis.call('HGET', set .. ':revisions', 'mark') ~= mark then
  return false
end
local asked = cmsgpack.unpack(ARGV[3])
local count = redis.call('ZCARD', set)

local function above(points)
  return redis.call('ZCOUNT', set, '(' .. points, '+inf')
end

local function through(points)
  return redis.call('ZCOUNT', set, points, '+inf')
end

-- How many are listed before somebody with these points, who needn't be there.
local function before(points, alias)
  local low, high = above(points), through(points)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if redis.call('ZREVRANGE', set, middle, middle)[1] > alias then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

local function has(alias, points)
  local score = redis.call('ZSCORE', set, alias)
  return score and tonumber(score) == tonumber(points)
end

local function seen_by(own, me)
  local finish, own_above = count, above(own)
  local below = count - through(own)
  -- What the set says of oneself may be a moment older than one's own points.
  local mine = tonumber(redis.call('ZSCORE', set, me) or own)
  if mine > tonumber(own) then
    own_above = own_above - 1
  elseif mine < tonumber(own) then
    below = below - 1
  end
  if below < enough then
    finish = through(own)
  end
  return {own_above, finish}
end

local function bounds(what, a, b, c, d)
  if what == 'top' then
    return 0, a - 1
  elseif what == 'place' then
    local start = a - 1
    local score = redis.call('ZREVRANGE', set, start, start, 'WITHSCORES')[2]
    if score and above(score) < start then
      start = through(score)
    end
    return start, start + b - 1
  elseif what == 'after' then
    local start = before(a, b)
    if has(b, a) then
      start = start + 1
    end
    return start, start + c - 1
  end
  local index = before(a, b)
  local stop = index + d
  if not has(b, a) then
    stop = stop - 1
  end
  return math.max(0, index - c), stop
end

local function part(words)
  local start, stop = bounds(unpack(words))
  local listed = stop >= start and redis.call('ZREVRANGE', set, start, stop, 'WITHSCORES') or {}
  local answer = {start, 0, 0}
  if listed[2] then
    answer[2], answer[3] = above(listed[2]), through(listed[2])
  end
  for index = 1, #listed do
    answer[3 + index] = listed[index]
  end
  return answer
end

local readers, parts = {}, {}
for number, each in ipairs(asked[1]) do
  readers[number] = seen_by(each[1], each[2])
end
for number, each in ipairs(asked[2]) do
  parts[number] = part(each)
end
-- Packed: taking many small answers apart is slow for who asks.
return cmsgpack.pack({count, readers, parts})
