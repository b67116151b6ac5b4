import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { type Attack, pause } from './attacks/attack.ts';
import { attacks } from './attacks/attacks.ts';
import { percentile } from './load/percentile.ts';
import { type Program, startGatewayCommand } from './processes/program.ts';
import { residentMib } from './processes/usage.ts';
import { demoProjectId } from './subscribers/watched-notebook.ts';

/**
 * What one client can do to the others: a gateway with a heap of 512 MiB over a simulator, each attack for a while, and
 * beside it another tenant who reads one notebook list after the other.
 * Run with `npm run bench:attacks -- [--seconds 60] [--only part-of-a-name] [--gateway folder]`.
 */

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, only: { type: 'string' }, gateway: { type: 'string' } },
});
const attackMs = Number(values.seconds) * 1000;
const quietMs = 5000;
/** between two reads of the other tenant */
const everyMs = 20;

type Reads = { readonly p95Ms: number; readonly count: number; readonly refused: number };

const agent = new Agent({ keepAlive: true, maxSockets: 4 });

/** @returns the answer; null: there was none */
function ask(
  port: number,
  body: object,
  token?: string,
): Promise<{ data?: Record<string, never>; errors?: unknown } | null> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { 'x-auth-token': token }) };
    const asked = request(
      { agent, port, host: '127.0.0.1', path: '/graphql', method: 'POST', headers, timeout: 15_000 },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('error', () => resolve(null));
        response.on('end', () => {
          try {
            resolve(JSON.parse(text));
          } catch {
            resolve(null);
          }
        });
      },
    );
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(null));
    asked.end(JSON.stringify(body));
  });
}

async function signIn(port: number, user: string, password: string): Promise<string> {
  const query = `mutation { issueToken(input: { domain: "acme", user: "${user}", password: "${password}", projectName: "eu-de" }) { ... on IssueTokenPayload { token } } }`;
  const answer = await ask(port, { query });
  const token = (answer?.data?.issueToken as { token?: string } | undefined)?.token;
  if (token === undefined) throw new Error(`${user} cannot sign in: ${JSON.stringify(answer)}`);
  return token;
}

async function read(port: number, token: string, untilMs: number): Promise<Reads> {
  const times: number[] = [];
  let refused = 0;
  while (performance.now() < untilMs) {
    const startedAt = performance.now();
    const answer = await ask(port, { query: '{ notebooks(first: 10) { totalCount nodes { name status } } }' }, token);
    times.push(performance.now() - startedAt);
    if (answer === null || answer.errors !== undefined) refused += 1;
    await pause(everyMs);
  }
  return { p95Ms: percentile(times, 0.95), count: times.length, refused };
}

async function attacked(attack: Attack, gateway: Program): Promise<string> {
  const port = Number(new URL(gateway.url).port);
  const [victim, attacker] = [await signIn(port, 'demo', 'demo'), await signIn(port, 'colleague', 'colleague')];
  const quiet = await read(port, victim, performance.now() + quietMs);
  let highestMib = 0;
  let hasEnded = false;
  gateway.child.once('exit', () => {
    hasEnded = true;
  });
  const watch = setInterval(() => {
    if (!hasEnded) highestMib = Math.max(highestMib, residentMib(gateway.pid));
  }, 100);
  const until = performance.now() + attackMs;
  const isOn = (): boolean => !hasEnded && performance.now() < until;
  const running = attack.run({ port, token: attacker, isOn });
  const under = await read(port, victim, until);
  await running;
  clearInterval(watch);
  const state = hasEnded ? '**ended**' : 'up';
  const ratio = under.p95Ms / quiet.p95Ms;
  return `| ${attack.name} | ${attack.needsToken ? 'yes' : 'no'} | ${state} | ${highestMib.toFixed(0)} | ${quiet.p95Ms.toFixed(1)} | ${under.p95Ms.toFixed(1)} | ${ratio.toFixed(1)} | ${under.refused} of ${under.count} |`;
}

const chosen = attacks.filter(({ name }) => values.only === undefined || name.includes(values.only));
process.stdout.write(`Node ${process.versions.node}, ${values.seconds} s each, heap of 512 MiB.\n\n`);
process.stdout.write(
  '| attack | with a token | process | most resident MiB | other tenant: p95 ms, quiet | attacked | ratio | refused |\n|---|---|---|---|---|---|---|---|\n',
);
for (const attack of chosen) {
  const simulator = await startGatewayCommand('simulate', {});
  const gateway = await startGatewayCommand(
    'serve',
    { MODELARTS_ENDPOINT: simulator.url, IAM_ENDPOINT: simulator.url, MODELARTS_PROJECT_ID: demoProjectId },
    { nodeFlags: ['--max-old-space-size=512'], cwd: values.gateway },
  );
  try {
    process.stdout.write(`${await attacked(attack, gateway)}\n`);
  } finally {
    await gateway.stop();
    await simulator.stop();
  }
}
process.exit(0);
