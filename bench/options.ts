import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type WorkloadName, workloadNames } from './load/workloads.ts';
import { leastRounds } from './rounds/spread.ts';
import { peers } from './systems/peers.ts';

const fullRounds = 9;
const defaultConnections = 32;
/** what is measured of a gateway without peers */
const aloneNames = ['W5', 'W7', 'start-up'] as const;

export const help = `npm run bench -- [options]
  --quick                ${leastRounds} rounds instead of ${fullRounds}
  --rounds <n>           as many rounds
  --only <names>         of gateway, ${peers.map(({ name }) => name).join(', ')}
  --workloads <names>    of ${[...workloadNames, ...aloneNames].join(', ')}
  --gateway <folder>     the gateway of another built checkout too, in turn with this one
  --connections <n>      keep-alive connections [${defaultConnections}]
  --save <file>          keeps what was measured, as JSON
  --beside <file>        tells which ratios lie within the spread of a run that was kept
  --cpu-prof <folder>    the gateway writes a CPU profile there at the end
`;

export type Options = {
  readonly isHelp: boolean;
  readonly rounds: number;
  /** whether a system is asked for, by name; `gateway` is this one */
  isOn(name: string): boolean;
  /** whether a workload, or what else is measured, is asked for */
  isAsked(name: WorkloadName | (typeof aloneNames)[number]): boolean;
  /** another checkout, to be compared with this one */
  readonly otherCheckout: string | undefined;
  readonly connections: number;
  readonly saveFile: string | undefined;
  readonly besideFile: string | undefined;
  readonly profileFolder: string | undefined;
};

/** @throws Error an option is not understood */
export function optionsFrom(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      workloads: { type: 'string' },
      gateway: { type: 'string' },
      connections: { type: 'string', default: String(defaultConnections) },
      save: { type: 'string' },
      beside: { type: 'string' },
      'cpu-prof': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const only = namesIn(values.only, ['gateway', ...peers.map(({ name }) => name)]);
  const asked = namesIn(values.workloads, [...workloadNames, ...aloneNames]);
  if (values.gateway !== undefined && !existsSync(join(values.gateway, 'dist', 'cli.js')))
    throw new Error(`${values.gateway} has no dist/cli.js: run npm ci and npm run build there.`);
  return {
    isHelp: values.help,
    rounds: count('rounds', values.rounds ?? String(values.quick ? leastRounds : fullRounds)),
    isOn: (name) => only === null || only.includes(name),
    isAsked: (name) => asked === null || asked.includes(name),
    otherCheckout: values.gateway,
    connections: count('connections', values.connections),
    saveFile: values.save,
    besideFile: values.beside,
    profileFolder: values['cpu-prof'],
  };
}

/** Names nobody knows would silently measure nothing. */
function namesIn(text: string | undefined, known: readonly string[]): readonly string[] | null {
  if (text === undefined) return null;
  const names = text.split(',');
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`Unknown: ${unknown.join(', ')}. There are ${known.join(', ')}.`);
  return names;
}

function count(option: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`--${option} is ${text}; it takes a number from 1 on.`);
  return Number(text);
}
