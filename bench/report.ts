import type { Results } from './rounds.ts';
export function printReport({ results, absent }: { results: Results; absent: ReadonlyMap<string, string> }): void {
  for (const [row, cells] of results) for (const [workload, cell] of cells) console.log(row, workload, JSON.stringify(cell));
  for (const [name, reason] of absent) console.log(name, reason);
}
