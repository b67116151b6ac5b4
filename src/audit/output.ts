import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { chainStart, hashOfLine } from './chain.ts';

/** Where audit lines go, one write each, in order. */
export type AuditOutput = {
  /** hash of the last line that is there already */
  readonly previous: string;
  /** @throws Error it could not be written */
  write(line: string): void;
  close(): void;
};

export const auditToStandardOutput: AuditOutput = {
  previous: chainStart,
  write: (line) => void process.stdout.write(`${line}\n`),
  close() {},
};

/** No line is longer: fields are bounded. */
const maxLineBytes = 64 * 1024;

/**
 * Adds to a file, going on with the chain in it.
 * @throws Error the file cannot be opened for writing
 */
export function auditToFile(path: string): AuditOutput {
  const file = openSync(path, 'a+', 0o600);
  const { text, isWhole } = lastLineOf(file);
  // a line that a process did not get to the end of stays as it is
  if (!isWhole) writeSync(file, '\n');
  return {
    previous: text === '' ? chainStart : hashOfLine(text),
    write(line) {
      writeSync(file, `${line}\n`);
    },
    close: () => closeSync(file),
  };
}

function lastLineOf(file: number): { readonly text: string; readonly isWhole: boolean } {
  const { size } = fstatSync(file);
  if (size === 0) return { text: '', isWhole: true };
  const bytes = Buffer.alloc(Math.min(size, maxLineBytes));
  readSync(file, bytes, 0, bytes.length, size - bytes.length);
  const text = bytes.toString('utf8');
  const isWhole = text.endsWith('\n');
  return {
    text:
      text
        .slice(0, isWhole ? -1 : undefined)
        .split('\n')
        .at(-1) ?? '',
    isWhole,
  };
}
