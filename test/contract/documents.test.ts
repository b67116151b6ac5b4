import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isEnumType, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { settings } from '../../src/config.ts';
import { schema } from '../../src/schema/index.ts';
import { type Document, documentOf, readDocuments, root, targetOf } from '../support/sources/documents.ts';
import { readSources } from '../support/sources/imports.ts';

const documents = await readDocuments();
const byPath = new Map(documents.map((document) => [document.path, document]));
/** those that are written by hand, and about what is */
const manual = documents.filter(({ path }) => !/^(?:CHANGELOG\.md|contract\/|docs\/schema\/)/.test(path));
const { scripts, dependencies, devDependencies, overrides } = JSON.parse(
  await readFile(join(root, 'package.json'), 'utf8'),
);

/** Links that lead nowhere: no such file, or no such place in it. */
const brokenLinks = (document: Document): string[] =>
  document.links.filter((link) => {
    const { path, anchor } = targetOf(document, link);
    if (!existsSync(join(root, path))) return true;
    const target = path === document.path ? document : byPath.get(path);
    return anchor !== null && target?.anchors.has(anchor) !== true;
  });

const spansOf = ({ prose }: Document): string[] => [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);

/** Names in capitals that are neither settings nor values or codes of GraphQL. */
function unknownNames(document: Document): string[] {
  const names = [...spansOf(document), ...document.fences.map(({ text }) => text)].flatMap(
    (text) => text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [],
  );
  return [...new Set(names)].filter((name) => !knownNames.has(name));
}

const errorCodes = (byPath.get('docs/errors.md')?.prose.match(/^\| `[A-Z_]+` \|/gm) ?? []).map((row) =>
  row.replace(/[^A-Z_]/g, ''),
);
const knownNames = new Set([
  ...settings.flatMap(({ name, formerName }) => (formerName === null ? [name] : [name, formerName])),
  ...Object.values(schema.getTypeMap()).flatMap((type) =>
    isEnumType(type) ? type.getValues().map(({ name }) => name) : [],
  ),
  ...errorCodes,
  // of Node, of the examples, of the bench
  'NODE_ENV',
  'NOTEBOOK_ID',
]);

/** Paths in backticks that look like files of ours, and are not there. */
const missingFiles = (document: Document): string[] =>
  spansOf(document).filter(
    (span) =>
      /^(?:src|test|docs|deploy|bench|contract|\.ci)\/[\w./-]*$/.test(span) &&
      !existsSync(join(root, span)) &&
      span !== 'bench/dist/',
  );

describe('the rules of documents', () => {
  it('find a link to no file and to no heading', () => {
    const text = '# A b\n[x](#a-b) [y](#c) [z](gone.md) [w](https://example.test/gone.md)\n```\n[v](gone.md)\n```\n';
    expect(brokenLinks(documentOf('docs/errors.md', text))).toEqual(['#c', 'gone.md']);
  });

  it('find a setting that does not exist', () => {
    expect(unknownNames(documentOf('x.md', '`LIMIT_DEPTH`, `LIMIT_MOOD=1`'))).toEqual(['LIMIT_MOOD']);
  });

  it('find a file that does not exist', () => {
    expect(missingFiles(documentOf('x.md', '`src/cli.ts` and `src/gone.ts`'))).toEqual(['src/gone.ts']);
  });
});

describe('every document', () => {
  it.each(documents.map((document) => [document.path, document] as const))(
    '%s links to what is there',
    (path, document) => expect(brokenLinks(document), `${path}: these lead to no file or heading`).toEqual([]),
  );

  it.each(manual.map((document) => [document.path, document] as const))(
    '%s names settings, files and commands that exist',
    (path, document) => {
      const commands = [...document.text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name);
      expect(
        commands.filter((name) => scripts[name] === undefined),
        `${path}: no such scripts in package.json`,
      ).toEqual([]);
      expect(unknownNames(document), `${path}: no such settings in src/settings.ts`).toEqual([]);
      expect(missingFiles(document), `${path}: no such files`).toEqual([]);
    },
  );

  it.each(documents.filter(({ fences }) => fences.some(({ language }) => language === 'graphql')))(
    '$path asks for what the schema has',
    ({ path, fences }) => {
      const errors = fences
        .filter(({ language }) => language === 'graphql')
        .flatMap(({ text, line }) => validate(schema, parse(text)).map(({ message }) => `line ${line}: ${message}`));
      expect(errors, `${path}: make these blocks fit schema.graphql`).toEqual([]);
    },
  );

  it('is reached from README.md', () => {
    const reached = new Set(['README.md']);
    for (const path of reached) {
      const document = byPath.get(path);
      for (const link of document?.links ?? []) reached.add(targetOf(document as Document, link).path);
    }
    const unreached = documents.map(({ path }) => path).filter((path) => !reached.has(path));
    expect(unreached, 'link to these from README.md, or from a document it leads to').toEqual([]);
  });
});

it('README.md has at most 100 lines, names the command that runs all tests, and loads fast', () => {
  const { text } = byPath.get('README.md') as Document;
  expect(text.trimEnd().split('\n').length, 'README.md: lines; move what is longer to docs/').toBeLessThanOrEqual(100);
  expect(text, 'README.md: say how the tests are run').toContain('`npm cit`');
  const pictures = [...text.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path = '']) => path);
  expect(pictures.length, 'README.md: one picture').toBe(1);
  for (const path of pictures) expect(statSync(join(root, path)).size, `${path}: bytes`).toBeLessThan(200_000);
});

it('docs/dependencies.md has a reason for each package of package.json', () => {
  const { text } = byPath.get('docs/dependencies.md') as Document;
  const all = Object.keys({ ...dependencies, ...devDependencies, ...overrides });
  const unnamed = all.filter(
    (name) => !name.startsWith('@types/') && !new RegExp(`\\b${name.replace('@', '')}\\b`).test(text),
  );
  expect(unnamed, 'docs/dependencies.md: a row with what each of these is for').toEqual([]);
});

it('docs/errors.md explains every code', async () => {
  const enumeration = schema.getType('ErrorCode');
  const ofModelArts = isEnumType(enumeration) ? enumeration.getValues().map(({ name }) => name) : [];
  const given = /\bcode: '([A-Z_]+)'|\brefused\(\d+, '([A-Z_]+)'/g;
  const ofServer = [...(await readSources())].flatMap(([path, text]) =>
    path.startsWith('server/') ? [...text.matchAll(given)].map(([, code, other]) => code ?? other ?? '') : [],
  );
  expect(ofServer.length).toBeGreaterThan(5);
  const unexplained = new Set([...ofModelArts, ...ofServer].filter((code) => !errorCodes.includes(code)));
  expect([...unexplained], 'docs/errors.md: a row for each of these').toEqual([]);
});

describe('a decision', () => {
  const decisions = documents.filter(({ path }) => /^docs\/decisions\/\d/.test(path));
  const parts = ['Context', 'Choice', 'Reason', 'What would change it'];

  it('has a context, a choice, a reason, and what would change it', () => {
    expect(decisions.length).toBeGreaterThan(0);
    const incomplete = decisions.filter(({ text }) => {
      const titles = [...text.matchAll(/^## (.*)\n\n\S.{19}/gm)].map(([, title]) => title);
      return titles.join() !== parts.join();
    });
    const hint = `give each of these the headings ${parts.join(', ')}, in this order, with a sentence under each`;
    expect(
      incomplete.map(({ path }) => path),
      hint,
    ).toEqual([]);
  });

  it('has the next number, and a line in the index', () => {
    const names = decisions.map(({ path }) => path.replace('docs/decisions/', ''));
    expect(
      names.map((name) => Number(name.slice(0, 3))),
      'docs/decisions/: name the files 001-…, 002-… without a gap',
    ).toEqual(names.map((_, index) => index + 1));
    const indexed = [...(byPath.get('docs/decisions/README.md')?.links ?? [])].sort();
    expect(indexed, 'docs/decisions/README.md: one line for each file beside it').toEqual(names);
  });
});
