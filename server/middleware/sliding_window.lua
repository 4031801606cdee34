-- Admits at most so many requests in any ARGV[1] microseconds, exactly, by this server's clock.
-- KEYS are what is counted, one after another, and ARGV[1 + n] is the limit of KEYS[n]. Each
-- list holds the moments of what was admitted, newest first.
local window = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answers = {}

for number, key in ipairs(KEYS) do
  local limit = tonumber(ARGV[1 + number])
  local oldest = redis.call('LINDEX', key, -1)
  while oldest and tonumber(oldest) <= now - window do
    redis.call('RPOP', key)
    oldest = redis.call('LINDEX', key, -1)
  end
  local taken = redis.call('LLEN', key)
  local wait = oldest and (tonumber(oldest) + window - now) or window
  if taken >= limit then
    answers[number] = {0, 0, wait}
  else
    redis.call('LPUSH', key, string.format('%.0f', now))
    redis.call('PEXPIRE', key, math.ceil(window / 1000))
    answers[number] = {1, limit - taken - 1, wait}
  end
end
return answers
