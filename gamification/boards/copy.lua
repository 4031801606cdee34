-- Copies scores into the sets that hold a copy, and into those that are being built.
-- KEYS: the sets. ARGV[1]: how our marks begin; ARGV[2]: the builder's mark, or nothing;
-- then for each score: the number of its set, who, the revision, the points.
-- An older revision never overwrites a newer one. Answers how many were older, and how many
-- changed something.
local ours, builder = ARGV[1], ARGV[2]

local function is_ours(mark)
  return mark and string.sub(mark, 1, #ours) == ours
end

local targets = {}
for number, set in ipairs(KEYS) do
  local found = {}
  local building = redis.call('GET', set .. ':building')
  if builder ~= '' then
    if building == builder then
      redis.call('PEXPIRE', set .. ':building', 3000)
      found[1] = {set .. ':new', set .. ':new:revisions'}
    end
  else
    if is_ours(redis.call('HGET', set .. ':revisions', 'mark')) then
      found[1] = {set, set .. ':revisions'}
    end
    if is_ours(building) then
      found[#found + 1] = {set .. ':new', set .. ':new:revisions'}
    end
  end
  targets[number] = found
end

local older, changed = 0, 0
for at = 3, #ARGV, 4 do
  local who, revision, points = ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  for _, target in ipairs(targets[tonumber(ARGV[at])]) do
    local known = tonumber(redis.call('HGET', target[2], who) or 0)
    if known > revision then
      older = older + 1
    else
      redis.call('HSET', target[2], who, revision)
      if points > 0 then
        changed = changed + redis.call('ZADD', target[1], 'CH', points, who)
      else
        changed = changed + redis.call('ZREM', target[1], who)
      end
    end
  end
end
if builder ~= '' then
  for _, set in ipairs(KEYS) do
    -- What a dead builder left goes away.
    redis.call('PEXPIRE', set .. ':new', 600000)
    redis.call('PEXPIRE', set .. ':new:revisions', 600000)
  end
end
return {older, changed}
