import { Redis } from 'ioredis';

/** All that a Redis server holds: a line of JSON for each key, with its value and the ms it has left. */
export async function dumpOf(url: string): Promise<string> {
  const client = new Redis(url);
  const lines: string[] = [];
  for (const key of (await client.keys('*')).sort()) {
    const [type, value, ttlMs] = [
      await client.type(key),
      await client.get(key).catch(() => null),
      await client.pttl(key),
    ];
    const dumped = value === null ? (await client.dumpBuffer(key)).toString('latin1') : value;
    lines.push(JSON.stringify({ key, type, value: dumped, ttlMs }));
  }
  client.disconnect();
  return lines.join('\n');
}
