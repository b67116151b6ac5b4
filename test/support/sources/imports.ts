import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** One import, export-from or `import()` of a module in `src`. */
export type SourceImport = {
  /** module it stands in, relative to `src`: `schema/image.ts` */
  readonly from: string;
  /** module of ours it names, relative to `src`; else the package name or `node:` module as written */
  readonly to: string;
  readonly isOurs: boolean;
  readonly isDynamic: boolean;
};

const sourceFolder = new URL('../../../src/', import.meta.url);

const statement = /^(?:import|export)\b(?:[^'";]*?\bfrom)?\s*'([^']+)'/gm;
const dynamic = /\bimport\(\s*'([^']+)'\s*\)/g;

/** Modules of `src`, relative to it, with their text. */
export async function readSources(): Promise<Map<string, string>> {
  const names = await readdir(sourceFolder, { recursive: true });
  const modules = names.filter((name) => name.endsWith('.ts')).sort();
  const texts = await Promise.all(modules.map((name) => readFile(new URL(name, sourceFolder), 'utf8')));
  return new Map(modules.map((name, index) => [name, texts[index] ?? '']));
}

/** The imports in a text. Types count too: the layers are about who knows whom. */
export function importsOf(from: string, text: string): SourceImport[] {
  const found = (pattern: RegExp, isDynamic: boolean): SourceImport[] =>
    [...text.matchAll(pattern)].map(([, specifier = '']) => {
      const isOurs = specifier.startsWith('.');
      return { from, to: isOurs ? join(dirname(from), specifier) : specifier, isOurs, isDynamic };
    });
  return [...found(statement, false), ...found(dynamic, true)];
}

/** A cycle of imports between modules of ours, as a path that ends where it began; null when there is none. */
export function findCycle(imports: readonly SourceImport[]): string[] | null {
  const targets = new Map<string, string[]>();
  for (const { from, to, isOurs } of imports) {
    if (isOurs) targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  const done = new Set<string>();
  const visit = (module: string, path: readonly string[]): string[] | null => {
    if (path.includes(module)) return [...path.slice(path.indexOf(module)), module];
    if (done.has(module)) return null;
    for (const target of targets.get(module) ?? []) {
      const cycle = visit(target, [...path, module]);
      if (cycle !== null) return cycle;
    }
    done.add(module);
    return null;
  };
  for (const module of targets.keys()) {
    const cycle = visit(module, []);
    if (cycle !== null) return cycle;
  }
  return null;
}
