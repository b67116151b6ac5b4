import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used, as Linux counts it. */

/** `getconf CLK_TCK`: what Linux counts CPU time of processes in, on every platform Node runs on. */
export const ticksPerSecond = 100;

export const residentMib = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

export const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** CPU seconds, user and system, by thread (by process where the system does not count threads exactly). */
export type CpuReading = ReadonlyMap<number, number>;

/** What a process and all it started have used so far. */
export function cpuReading(root: number): CpuReading {
  const children = new Map<number, number[]>();
  for (const pid of numbersIn('/proc')) {
    try {
      const parent = Number(statOf(pid)[1]);
      children.set(parent, [...(children.get(parent) ?? []), pid]);
    } catch {
      // it ended while the others were read
    }
  }
  const reading = new Map<number, number>();
  const add = (pid: number): void => {
    for (const [thread, seconds] of threadSeconds(pid)) reading.set(thread, seconds);
    for (const child of children.get(pid) ?? []) add(child);
  };
  add(root);
  return reading;
}

/** What threads used from one reading to the next; those that ended in between are left out. */
export const cpuSecondsBetween = (before: CpuReading, after: CpuReading): number =>
  [...after].reduce((sum, [thread, seconds]) => sum + seconds - (before.get(thread) ?? 0), 0);

export const cpuSecondsSince = (root: number, before: CpuReading): number =>
  cpuSecondsBetween(before, cpuReading(root));

/** The scheduler's count, in ns, where there is one: ticks of 10 ms are coarse for a window of half a second. */
function threadSeconds(pid: number): [number, number][] {
  try {
    if (!hasSchedulerCounts) {
      const stat = statOf(pid);
      return [[pid, (Number(stat[11]) + Number(stat[12])) / ticksPerSecond]];
    }
    return numbersIn(`/proc/${pid}/task`).flatMap((thread) => {
      const text = readIfThere(`/proc/${pid}/task/${thread}/schedstat`);
      return text === null ? [] : [[thread, Number(text.split(' ')[0]) / 1e9] as [number, number]];
    });
  } catch {
    // it ended
    return [];
  }
}

const hasSchedulerCounts = readIfThere('/proc/self/schedstat') !== null;

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const numbersIn = (folder: string): number[] => readdirSync(folder).map(Number).filter(Number.isInteger);

function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // the name of the program, in parentheses, may hold anything
  return text.slice(text.lastIndexOf(') ') + 2).split(' ');
}
