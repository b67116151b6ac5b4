import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '../processes/program.ts';
import { cpuReading, cpuSecondsSince } from '../processes/usage.ts';

/** What the gateway took for a while in which nobody asked anything new. */
export type Slice = {
  /** of one core */
  readonly cpuPercent: number;
  readonly cpuMicrosPerPoll: number;
  readonly pollsPerMinute: number;
};

export type Observation = {
  readonly program: Program;
  /** upstream polls made since the start */
  polls(): Promise<number>;
  readonly slices: number;
  readonly sliceMs: number;
};

/** Reads CPU and polls, slice by slice; the first slice, in which code is still being compiled, is left out. */
export async function observe({ program, polls, slices, sliceMs }: Observation): Promise<Slice[]> {
  const found: Slice[] = [];
  for (let slice = 0; slice <= slices; slice += 1) {
    const [pollsBefore, before, startedAt] = [await polls(), cpuReading(program.pid), performance.now()];
    await sleep(sliceMs);
    const [cpuSeconds, ms] = [cpuSecondsSince(program.pid, before), performance.now() - startedAt];
    const made = (await polls()) - pollsBefore;
    found.push({
      cpuPercent: (cpuSeconds * 100_000) / ms,
      cpuMicrosPerPoll: (cpuSeconds * 1e6) / made,
      pollsPerMinute: (made * 60_000) / ms,
    });
  }
  return found.slice(1);
}
