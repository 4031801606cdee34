-- Reads a part of a set, in one go. Listed are those with more points first, ties by their alias.
-- KEYS[1]: the set. ARGV: the mark it must have; how many have to follow for those below to be
-- shown; one's own points and alias, or nothing; then what to read:
--   top LIMIT | place FROM LIMIT | after POINTS ALIAS LIMIT | around ABOVE BELOW
-- Answers nothing if the mark is another, else: how many are above oneself; how many are above
-- the first of the part, and how many down to their ties; whether more comes; and the part.
local set = KEYS[1]
local mark, enough, own, me, what = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
if redis.call('HGET', set .. ':revisions', 'mark') ~= mark then
  return false
end

local function above(points)
  return redis.call('ZCOUNT', set, '(' .. points, '+inf')
end

local function through(points)
  return redis.call('ZCOUNT', set, points, '+inf')
end

local function score_at(index)
  return redis.call('ZREVRANGE', set, index, index, 'WITHSCORES')[2]
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

local count = redis.call('ZCARD', set)
local finish, own_above = count, 0
if own ~= '' then
  own_above = above(own)
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
end

local start, stop
if what == 'top' then
  start = 0
  stop = tonumber(ARGV[6]) - 1
elseif what == 'place' then
  start = tonumber(ARGV[6]) - 1
  local score = score_at(start)
  if score and above(score) < start then
    start = through(score)
  end
  stop = start + tonumber(ARGV[7]) - 1
elseif what == 'after' then
  start = before(ARGV[6], ARGV[7])
  if has(ARGV[7], ARGV[6]) then
    start = start + 1
  end
  stop = start + tonumber(ARGV[8]) - 1
else
  local index = before(own, me)
  start = math.max(0, index - tonumber(ARGV[6]))
  stop = index + tonumber(ARGV[7])
  if not has(me, own) then
    stop = stop - 1
  end
end

stop = math.min(stop, finish - 1)
local part = stop >= start and redis.call('ZREVRANGE', set, start, stop, 'WITHSCORES') or {}
local first = part[2]
local answer = {own_above, 0, 0, stop + 1 < finish and 1 or 0}
if first then
  answer[2], answer[3] = above(first), through(first)
end
for index = 1, #part do
  answer[4 + index] = part[index]
end
return answer
