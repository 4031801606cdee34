-- Copies scores into the sets that hold a copy, and into those that are being built.
-- KEYS: the sets. ARGV[1]: how our marks begin; ARGV[2]: the builder's mark, or nothing;
-- then for each set its scores, packed: who, the revision, the points, and so on.
-- An older revision never overwrites a newer one. Answers how many were older, and how many
-- changed something.
local ours, builder = ARGV[1], ARGV[2]
local older, changed = 0, 0
-- As many as fit into one command of a script.
local MOST = 1000

local function is_ours(mark)
  return mark and string.sub(mark, 1, #ours) == ours
end

local function targets(set)
  local building = redis.call('GET', set .. ':building')
  if builder ~= '' then
    if building ~= builder then
      return {}
    end
    redis.call('PEXPIRE', set .. ':building', 3000)
    return {set .. ':new'}
  end
  local found = {}
  if is_ours(redis.call('HGET', set .. ':revisions', 'mark')) then
    found[1] = set
  end
  if is_ours(building) then
    found[#found + 1] = set .. ':new'
  end
  return found
end

-- The newest of several scores of the same person: where it stands, by who it is.
local function newest_of(scores)
  local newest, people = {}, {}
  for at = 1, #scores, 3 do
    local seen = newest[scores[at]]
    if not seen then
      people[#people + 1] = scores[at]
    end
    if not seen or scores[seen + 1] <= scores[at + 1] then
      newest[scores[at]] = at
    end
  end
  return newest, people
end

local function copy(target, scores, newest, people)
  local known = redis.call('HMGET', target .. ':revisions', unpack(people))
  local revisions, listed, unlisted = {}, {}, {}
  for number, who in ipairs(people) do
    local revision, points = scores[newest[who] + 1], scores[newest[who] + 2]
    if known[number] and tonumber(known[number]) > revision then
      older = older + 1
    else
      revisions[#revisions + 1] = who
      revisions[#revisions + 1] = revision
      if points > 0 then
        listed[#listed + 1] = points
        listed[#listed + 1] = who
      else
        unlisted[#unlisted + 1] = who
      end
    end
  end
  if #revisions > 0 then
    redis.call('HSET', target .. ':revisions', unpack(revisions))
  end
  if #listed > 0 then
    changed = changed + redis.call('ZADD', target, 'CH', unpack(listed))
  end
  if #unlisted > 0 then
    changed = changed + redis.call('ZREM', target, unpack(unlisted))
  end
end

for number, set in ipairs(KEYS) do
  local found = targets(set)
  if #found > 0 then
    local scores = cmsgpack.unpack(ARGV[2 + number])
    local newest, people = newest_of(scores)
    for first = 1, #people, MOST do
      local part = {unpack(people, first, math.min(first + MOST - 1, #people))}
      for _, target in ipairs(found) do
        copy(target, scores, newest, part)
      end
    end
  end
  if builder ~= '' then
    -- What a dead builder left goes away.
    redis.call('PEXPIRE', set .. ':new', 600000)
    redis.call('PEXPIRE', set .. ':new:revisions', 600000)
  end
end
return {older, changed}
