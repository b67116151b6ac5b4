import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureAlone } from './alone.ts';
import { workloadNames } from './load/workloads.ts';
import { help, optionsFrom } from './options.ts';
import { type Program, pinSelf } from './processes/program.ts';
import { agreementOf } from './report/agreement.ts';
import type { GatewayAlone } from './report/crowds.ts';
import { report } from './report/report.ts';
import type { Results } from './rounds/results.ts';
import { measureRounds } from './rounds/rounds.ts';
import { type Gateways, gatewayRows, type Row, type RowFacts } from './rounds/rows.ts';
import { startGateway } from './systems/gateway.ts';
import { type Node, newerNode, ownNode } from './systems/node.ts';
import { peers } from './systems/peers.ts';
import { clientCore, type Place } from './systems/system.ts';
import { startUpstream } from './upstream/upstream-process.ts';

/**
 * What a request costs here and in other gateways over the same upstream. `npm run bench -- --help` tells the options.
 * Starts and stops everything itself; peers are installed when they are asked for the first time.
 */

const options = optionsFrom(process.argv.slice(2));
const { isOn, isAsked, otherCheckout, profileFolder } = options;
const programs: Program[] = [];
const absent = new Map<string, string>();

const started = async (program: Promise<Program>): Promise<Program> => {
  programs.push(await program);
  return program;
};

async function startGateways(place: Place, node: Node, checkout?: string): Promise<Gateways> {
  const common = { nodeBin: node.bin, ...(checkout !== undefined && { checkout }) };
  const suffix = `${node === ownNode ? '' : `-node-${node.major}`}${checkout === undefined ? '' : '-other'}`;
  const cached = await started(startGateway(place, { ...common, name: `default${suffix}` }));
  const environment = { CATALOG_TTL_MS: '0' };
  const uncached = await started(startGateway(place, { ...common, name: `no-catalogue-cache${suffix}`, environment }));
  return { cached, uncached };
}

async function startPeers(place: Place): Promise<Row[]> {
  const rows: Row[] = [];
  for (const peer of peers.filter(({ name }) => isOn(name))) {
    try {
      const program = await started(peer.start(place));
      const facts = { name: peer.name, system: peer.name, node: peer.node(), versions: peer.versions() };
      rows.push({ ...facts, dialect: peer.dialect, program, isChanging: true, isTokenShared: false });
    } catch (error) {
      absent.set(peer.name, error instanceof Error ? error.message : String(error));
    }
  }
  return rows;
}

async function startRows(place: Place): Promise<Row[]> {
  const peerRows = await startPeers(place);
  const rows: Row[] = [];
  if (isOn('gateway')) {
    const { major } = ownNode;
    rows.push(...gatewayRows(await startGateways(place, ownNode), { system: 'gateway', node: major }));
    if (otherCheckout !== undefined) {
      const others = await startGateways(place, ownNode, otherCheckout);
      rows.push(...gatewayRows(others, { system: 'other', node: major }));
    }
    // who needs a newer Node is compared with the gateway on that one
    if (peerRows.some(({ node }) => node !== null && node !== major)) {
      const newer = newerNode();
      rows.push(...gatewayRows(await startGateways(place, newer), { system: 'gateway', node: newer.major }));
    }
  }
  return [...rows, ...peerRows];
}

async function gatewaysAlone(place: Place): Promise<GatewayAlone[]> {
  if (!isOn('gateway')) return [];
  const found = [await measureAlone(options, place, { name: 'gateway' })];
  if (otherCheckout !== undefined)
    found.push(await measureAlone(options, place, { name: 'other', checkout: otherCheckout }));
  return found;
}

const factsOf = ({ name, system, settings, bodies, node, versions }: Row): RowFacts => ({
  name,
  system,
  node,
  versions,
  ...(settings !== undefined && { settings }),
  ...(bodies !== undefined && { bodies }),
});

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'modelarts-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  if (profileFolder !== undefined) mkdirSync(profileFolder, { recursive: true });
  const [loadBefore = 0] = loadavg();
  pinSelf(clientCore);
  const upstream = await startUpstream();
  const place = { upstreamUrl: upstream.url, folder, profileFolder };
  try {
    const rows = await startRows(place);
    const workloads = workloadNames.filter(isAsked);
    const { rounds, connections, saveFile, besideFile } = options;
    const cells = await measureRounds({ rows, workloads, upstream, rounds, connections });
    const results: Results = { rows: rows.map(factsOf), workloads, cells };
    if (saveFile !== undefined) writeFileSync(saveFile, JSON.stringify(results));
    const alone = await gatewaysAlone(place);
    const agreement =
      besideFile === undefined
        ? null
        : agreementOf(results, JSON.parse(readFileSync(besideFile, 'utf8')) as Results, besideFile);
    const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
    const load = [loadBefore, loadavg()[0] ?? 0] as const;
    process.stdout.write(`${report({ results, absent, alone, agreement, command, rounds, load })}\n`);
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
    upstream.stop();
  }
}

if (options.isHelp) process.stdout.write(help);
else await main();
