import { describe, expect, it } from 'vitest';
import { findCycle, importsOf, readSources, type SourceImport } from '../support/sources/imports.ts';
import { layers as allowed } from '../support/sources/layers.ts';

const layerOf = (module: string): string => module.split('/', 1)[0] ?? module;

const shown = ({ from, to }: SourceImport): string => `${from} imports ${to}`;

const againstTheDirection = (imports: readonly SourceImport[]): string[] =>
  imports
    .filter(({ from, to, isOurs }) => {
      const [own, other] = [layerOf(from), layerOf(to)];
      return isOurs && own !== other && allowed[own]?.includes(other) !== true;
    })
    .map(shown);

describe('the rules of layers', () => {
  it('see every kind of import', () => {
    const text = [
      "import './a.ts';",
      "import { b,\n  c } from './b.ts';",
      "import type { D } from '../watch/d.ts';",
      "export { e } from './e.ts';",
      "export type * from './f.ts';",
      "const g = await import('./g.ts');",
      "import h from 'h';",
    ].join('\n');
    expect(importsOf('schema/x.ts', text).map(({ to }) => to)).toEqual([
      'schema/a.ts',
      'schema/b.ts',
      'watch/d.ts',
      'schema/e.ts',
      'schema/f.ts',
      'h',
      'schema/g.ts',
    ]);
  });

  it('find an import against the direction', () => {
    const imports = importsOf('modelarts/x.ts', "import { y } from '../schema/y.ts';\nimport { z } from './z.ts';");
    expect(againstTheDirection(imports)).toEqual(['modelarts/x.ts imports schema/y.ts']);
  });

  it('find a cycle', () => {
    const cycle = findCycle([
      ...importsOf('a.ts', "import './b.ts';"),
      ...importsOf('b.ts', "import './c.ts';"),
      ...importsOf('c.ts', "import './b.ts';"),
    ]);
    expect(cycle).toEqual(['b.ts', 'c.ts', 'b.ts']);
  });
});

describe('the code in src', async () => {
  const sources = await readSources();
  const imports = [...sources].flatMap(([module, text]) => importsOf(module, text));

  it('has only the layers of the table', () => {
    const unknown = [...sources.keys()].filter((module) => allowed[layerOf(module)] === undefined);
    const hint =
      'a file or folder directly in src is a layer: move the file into one, or say in test/support/sources/layers.ts what the new layer may import';
    expect(unknown, hint).toEqual([]);
    expect(imports.length).toBeGreaterThan(sources.size);
  });

  it('imports in one direction', () => {
    const hint =
      'move what is imported down to the layer that needs it, or hand it over from gateway.ts; test/support/sources/layers.ts has who may import whom';
    expect(againstTheDirection(imports), hint).toEqual([]);
  });

  it('names only modules that exist', () => {
    const unknown = imports.filter(({ to, isOurs }) => isOurs && !sources.has(to)).map(shown);
    expect(unknown, 'correct the path in the file that imports').toEqual([]);
  });

  it('has no import cycles', () => {
    const hint = 'move what both need into a file of its own that imports neither; the files of the cycle in src:';
    expect(findCycle(imports), hint).toBeNull();
  });

  it('reaches the simulator only from cli.ts, by await import()', () => {
    const reaching = imports.filter(({ from, to }) => layerOf(to) === 'simulator' && layerOf(from) !== 'simulator');
    const others = reaching.filter(({ from, isDynamic }) => from !== 'cli.ts' || !isDynamic).map(shown);
    const hint =
      'the gateway must not know its simulator: take the import out of that file of src; tests and cli.ts start it';
    expect(others, hint).toEqual([]);
    expect(reaching).not.toEqual([]);
  });

  it('imports of the schema in cli.ts no more than its print', () => {
    const reaching = imports.filter(({ from, to }) => from === 'cli.ts' && layerOf(to) === 'schema');
    const hint = 'take the other import out of src/cli.ts: what prints is src/schema/print.ts';
    expect(
      reaching.map(({ to }) => to),
      hint,
    ).toEqual(['schema/print.ts']);
  });

  // who never opens the folder has read the whole product; who upgrades Yoga or Node looks into it
  it('reaches what is made by hand for speed (server/fast) from gateway.ts alone, by its index', () => {
    const reaching = imports.filter(
      ({ from, to }) => to.startsWith('server/fast/') && !from.startsWith('server/fast/'),
    );
    expect(
      reaching.map(shown),
      'only gateway.ts may import server/fast/index.ts; what both sides need is a type of src/server/lane.ts',
    ).toEqual(['gateway.ts imports server/fast/index.ts']);
  });

  it('imports undici in one file', () => {
    const users = imports.filter(({ to }) => to === 'undici').map(({ from }) => from);
    const hint = 'send calls by the client (src/modelarts/client/client.ts): it holds timeouts, retries and limits';
    expect(new Set(users), hint).toEqual(new Set(['modelarts/client/transport.ts']));
  });

  it('imports graphql-yoga only in gateway.ts and server/', () => {
    const users = imports.filter(({ to }) => to === 'graphql-yoga').map(({ from }) => layerOf(from));
    const hint = 'move what needs Yoga to src/server, and hand the rest plain values';
    expect(
      users.filter((layer) => layer !== 'gateway.ts' && layer !== 'server'),
      hint,
    ).toEqual([]);
    expect(users).not.toEqual([]);
  });

  it('reads process.env in config.ts only', () => {
    const readers = [...sources].filter(([, text]) =>
      /\bprocess\s*(?:\?\.|\.)\s*env\b|\benv\b.*'node:process'/.test(text),
    );
    const hint = 'write a setting into src/settings.ts, and hand its value over from gateway.ts';
    expect(
      readers.map(([module]) => module),
      hint,
    ).toEqual(['config.ts']);
  });
});
