-- Puts a set that was built in the place of the old one, unless its builder was too slow.
-- KEYS[1]: the set. ARGV: the builder's mark, the mark of the new set, how long it is kept (ms).
local set = KEYS[1]
if redis.call('GET', set .. ':building') ~= ARGV[1] then
  return 0
end
if redis.call('EXISTS', set .. ':new') == 1 then
  redis.call('RENAME', set .. ':new', set)
  redis.call('PEXPIRE', set, ARGV[3])
else
  redis.call('DEL', set)
end
-- The mark goes with the revisions, a little earlier than the scores: never a mark alone.
redis.call('HSET', set .. ':new:revisions', 'mark', ARGV[2])
redis.call('RENAME', set .. ':new:revisions', set .. ':revisions')
redis.call('PEXPIRE', set .. ':revisions', ARGV[3] - 60000)
redis.call('DEL', set .. ':building')
return 1
