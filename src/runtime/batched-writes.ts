// not the global one: tests that hold the clock would hold this as well
import { setImmediate } from 'node:timers';

let tasks: (() => void)[] = [];

/**
 * Runs a task together with all others given meanwhile, once what has arrived so far is read (`setImmediate`).
 * For writes to sockets: each wakes whoever waits at the other end, which costs as much as all of node:http does for a
 * request, but of many in a row only the first finds them asleep.
 */
export function writeTogether(task: () => void): void {
  if (tasks.push(task) === 1) setImmediate(runAll);
}

function runAll(): void {
  const due = tasks;
  tasks = [];
  let done = 0;
  try {
    for (const task of due) {
      done += 1;
      task();
    }
  } finally {
    // one that throws takes none of the others with it
    for (const task of due.slice(done)) writeTogether(task);
  }
}
