import { readdirSync, readFileSync } from 'node:fs';

/** `getconf CLK_TCK`: what Linux counts CPU time of processes in, on every platform Node runs on. */
const ticksPerSecond = 100;

export type Usage = {
  /** user and system, all threads */
  readonly cpuSeconds: number;
  readonly residentMib: number;
};

/** What a process has used, as Linux counts it. */
export function usage(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { cpuSeconds: stat(pid).cpuSeconds, residentMib: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024 };
}

/** CPU seconds of a process and of all it started that still runs. */
export function treeCpuSeconds(root: number): number {
  const children = new Map<number, number[]>();
  const seconds = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const { parent, cpuSeconds } = stat(pid);
      seconds.set(pid, cpuSeconds);
      children.set(parent, [...(children.get(parent) ?? []), pid]);
    } catch {
      // it ended while the others were read
    }
  }
  const sum = (pid: number): number =>
    (seconds.get(pid) ?? 0) + (children.get(pid) ?? []).reduce((total, child) => total + sum(child), 0);
  return sum(root);
}

export const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

function stat(pid: number): { readonly parent: number; readonly cpuSeconds: number } {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // the name of the program, in parentheses, may hold anything
  const fields = text.slice(text.lastIndexOf(') ') + 2).split(' ');
  return { parent: Number(fields[1]), cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond };
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
