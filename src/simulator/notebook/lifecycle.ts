import type { ProjectCall } from '../call.ts';
import { refusal } from '../errors.ts';
import { lasts, type State } from '../state.ts';
import { rebase, stopAt } from './lease-countdown.ts';
import type { Notebook, NotebookStatus } from './record.ts';

/** Begins a state change at `from`, which may lie in the past. */
export function change(
  notebook: Notebook,
  via: NotebookStatus,
  to: NotebookStatus,
  { from, durationMs }: { from: number; durationMs: number },
): void {
  notebook.status = via;
  notebook.statusSince = from;
  notebook.transition = { to, startsAt: from, endsAt: from + durationMs };
}

/** Brings a notebook up to `now`: ends what has ended, and stops it where its lease ran out, at the instants where that happened. */
export function settle(state: State, notebook: Notebook, now: number): void {
  for (;;) {
    const { transition } = notebook;
    if (transition !== null) {
      if (now < transition.endsAt) return;
      enter(notebook, transition.to, transition.endsAt);
    } else {
      const leaseEnd = stopAt(notebook.lease);
      if (notebook.status !== 'RUNNING' || leaseEnd === null || now < leaseEnd) return;
      const from = Math.max(leaseEnd, notebook.statusSince);
      change(notebook, 'STOPPING', 'STOPPED', { from, durationMs: lasts(state, 'stop') });
    }
  }
}

function enter(notebook: Notebook, status: NotebookStatus, at: number): void {
  const { status: before } = notebook;
  notebook.status = status;
  notebook.statusSince = at;
  notebook.transition = null;
  if (status === 'RUNNING' && before !== 'SNAPSHOTTING') {
    notebook.hasRun = true;
    notebook.updateAt = at;
    rebase(notebook.lease, at);
  }
  // Dynamic mounts live in the container and go with it.
  if (status === 'STOPPED') notebook.mounts = [];
}

/** All notebooks of a project at `now`, oldest first; deleted ones are forgotten here. */
export function projectNotebooks(call: ProjectCall): Notebook[] {
  const found: Notebook[] = [];
  for (const notebook of call.state.notebooks.values()) {
    if (notebook.projectId !== call.project.id) continue;
    settle(call.state, notebook, call.now);
    if (notebook.status === 'DELETED') call.state.notebooks.delete(notebook.id);
    else found.push(notebook);
  }
  return found;
}

/** @throws Refusal ModelArts.6309 when the project has no such notebook */
export function findNotebook(call: ProjectCall): Notebook {
  const notebook = call.state.notebooks.get(call.params.id);
  if (notebook === undefined || notebook.projectId !== call.project.id) throw refusal('6309');
  settle(call.state, notebook, call.now);
  if (notebook.status !== 'DELETED') return notebook;
  call.state.notebooks.delete(notebook.id);
  throw refusal('6309');
}

export const isResizing = (notebook: Notebook, now: number): boolean => (notebook.volume.resizesUntil ?? 0) > now;

/** One operation at a time. @throws Refusal ModelArts.6326 when frozen, ModelArts.6357 while anything is under way */
export function checkIdle(notebook: Notebook, now: number): void {
  if (notebook.status === 'FROZEN') throw refusal('6326');
  if (notebook.transition !== null || isResizing(notebook, now)) throw refusal('6357');
}
