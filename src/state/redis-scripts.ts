/** Each runs as one step in Redis, on one key, so that a cluster takes it too. KEYS: the record. */

/** Writes in place of what was read. ARGV: expected, value, ms to live. @returns 0: it has changed */
export const replaceScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

/** ARGV: expected. @returns 0: it has changed */
export const deleteScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/** ARGV: expected, ms to live. @returns 0: it has changed */
export const prolongScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/**
 * GCRA: the record is when all that was spent has come back, in microseconds by the clock of Redis, and ends by then.
 * ARGV: microseconds until one comes back, cost, burst. @returns ms to wait
 */
export const spendScript = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local each, cost, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local next = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0')) + cost * each
local wait = next - now - burst * each
if wait > 0 then return math.ceil(wait / 1000) end
redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000) + 1)
return 0`;
