-- Admits at most ARGV[1] requests in any ARGV[2] microseconds, exactly, by this server's clock.
-- The list holds the moments of what was admitted, newest first.
local limit = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local oldest = redis.call('LINDEX', KEYS[1], -1)
while oldest and tonumber(oldest) <= now - window do
  redis.call('RPOP', KEYS[1])
  oldest = redis.call('LINDEX', KEYS[1], -1)
end

local taken = redis.call('LLEN', KEYS[1])
local wait = oldest and (tonumber(oldest) + window - now) or window
if taken >= limit then
  return {0, 0, wait}
end
redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return {1, limit - taken - 1, wait}
