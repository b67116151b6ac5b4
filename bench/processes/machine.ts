import { readFileSync } from 'node:fs';
import { type CpuReading, cpuReading, cpuSecondsBetween, ticksPerSecond } from './usage.ts';

/** How much of the machine is taken by whatever is not the bench. */

export type MachineReading = {
  /** of all cores, since the machine was started */
  readonly busySeconds: number;
  readonly totalSeconds: number;
  /** of the bench and all that it started */
  readonly own: CpuReading;
};

export function machineReading(): MachineReading {
  const fields = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]?.split(' ').map(Number) ?? [];
  // the last two, for guests of this machine, are in the first two already
  const total = fields.slice(0, 8).reduce((sum, ticks) => sum + ticks, 0);
  const [idle = 0, waiting = 0] = fields.slice(3, 5);
  return {
    busySeconds: (total - idle - waiting) / ticksPerSecond,
    totalSeconds: total / ticksPerSecond,
    own: cpuReading(process.pid),
  };
}

/** @returns 0 to 100, of all cores together */
export function othersPercent(before: MachineReading, after: MachineReading): number {
  const busy = after.busySeconds - before.busySeconds;
  const total = after.totalSeconds - before.totalSeconds;
  return total <= 0 ? 0 : (100 * Math.max(0, busy - cpuSecondsBetween(before.own, after.own))) / total;
}
