import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

/** Test files of a worker share one process and its modules (`isolate: false`): none may change what another finds. */
const tests = new URL('../', import.meta.url);

/** Set when the module is loaded, which is once. */
const hookOnLoad = /^(?:before|after)(?:All|Each)\(/m;
/** What is loaded by then stays as it was for some, and what is loaded later is another module to the rest. */
const replacedModule = /\bvi\.(?:mock|doMock|resetModules)\(/;

const names = (await readdir(tests, { recursive: true })).filter((name) => name.endsWith('.ts'));
const files = await Promise.all(
  names.map(async (name) => ({ name, text: await readFile(new URL(name, tests), 'utf8') })),
);
const offenders = (isMeant: (name: string) => boolean, pattern: RegExp): string[] =>
  files.filter(({ name, text }) => isMeant(name) && pattern.test(text)).map(({ name }) => `test/${name}`);

describe('test files that share a process', () => {
  it('set no hooks in modules they share', () => {
    const hint =
      'in each of these files call onTestFinished, or put the hooks into a function, as test/support/bed.ts does';
    expect(
      offenders((name) => !name.endsWith('.test.ts'), hookOnLoad),
      hint,
    ).toEqual([]);
  });

  it('replace no modules', () => {
    const hint =
      'in each of these files start a process, as test/support/process/gateway.ts does, or hand in what is to be replaced';
    expect(
      offenders((name) => name.endsWith('.test.ts'), replacedModule),
      hint,
    ).toEqual([]);
  });

  it('are found out when they set hooks or replace modules', () => {
    expect(hookOnLoad.test('const open = [];\nafterEach(() => close(open));\n')).toBe(true);
    expect(hookOnLoad.test('function bed() {\n  afterEach(() => close());\n}\n')).toBe(false);
    expect(replacedModule.test(['vi', 'resetModules()'].join('.'))).toBe(true);
  });
});
