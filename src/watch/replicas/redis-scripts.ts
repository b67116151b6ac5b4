import { messageVersion } from './version.ts';

/** Each runs as one step in Redis. KEYS: lease, writes, last (as far as used); ARGV[1] is the lease. */

/** Takes a free lease, or prolongs the own one. ARGV: lease, its ms. @returns number of the newest write; nil: another holds it */
export const takeScript = `
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return nil end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return tonumber(redis.call('GET', KEYS[2]) or '0')`;

/** Prolongs the own lease. ARGV: lease, its ms. @returns 0: it ran out */
export const renewScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** Gives the own lease back. ARGV: lease. */
export const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/** Sends and keeps an outcome under the own lease. KEYS: lease, last. ARGV: lease, channel, outcome, ms to keep it, '1' = give the lease back. */
export const publishScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
redis.call('PUBLISH', ARGV[2], ARGV[3])
if ARGV[5] == '1' then redis.call('DEL', KEYS[1]) end
return 1`;

/** Numbers a write and tells of it in the same step. KEYS: writes. ARGV: channel, sender, ms to keep the number. */
export const writeScript = `
local number = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[1], cjson.encode({ v = ${messageVersion}, type = 'write', from = ARGV[2], writes = number }))
return number`;
