import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import GithubSlugger from 'github-slugger';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A code block: what follows its three backticks, and its lines. */
export type Fence = { readonly language: string; readonly text: string; readonly line: number };

/** A Markdown file of the project. */
export type Document = {
  /** relative to the project: `docs/errors.md` */
  readonly path: string;
  readonly text: string;
  /** the text without its code blocks */
  readonly prose: string;
  readonly fences: readonly Fence[];
  /** what `#…` behind its name can be */
  readonly anchors: ReadonlySet<string>;
  /** targets of its links as written, without those to other sites */
  readonly links: readonly string[];
};

const folders = ['', 'docs', 'deploy', 'bench', 'contract', 'src'];

/** All Markdown files of the project, by path. */
export async function readDocuments(): Promise<Document[]> {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(join(root, folder), { recursive: folder !== '' });
      return names.filter((name) => name.endsWith('.md')).map((name) => join(folder, name));
    }),
  );
  const paths = found.flat().filter((path) => !path.includes('node_modules/'));
  return Promise.all(paths.sort().map(readDocument));
}

/** @param path relative to the project */
export const readDocument = async (path: string): Promise<Document> =>
  documentOf(path, await readFile(join(root, path), 'utf8'));

export function documentOf(path: string, text: string): Document {
  const fences: Fence[] = [];
  const prose: string[] = [];
  let open: { language: string; lines: string[]; line: number } | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const [, mark] = /^```(.*)$/.exec(line) ?? [];
    if (mark === undefined) (open === null ? prose : open.lines).push(line);
    else if (open === null) open = { language: mark.trim(), lines: [], line: index + 1 };
    else {
      fences.push({ language: open.language, text: open.lines.join('\n'), line: open.line });
      open = null;
    }
  }
  const plain = prose.join('\n');
  return { path, text, prose: plain, fences, anchors: anchorsOf(plain), links: linksOf(plain) };
}

function anchorsOf(prose: string): Set<string> {
  const slugger = new GithubSlugger();
  const headings = [...prose.matchAll(/^#{1,6} (.*)$/gm)].map(([, title = '']) =>
    slugger.slug(title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '')),
  );
  const named = [...prose.matchAll(/\bid="([^"]+)"/g)].map(([, id = '']) => id);
  return new Set([...headings, ...named]);
}

const linksOf = (prose: string): string[] =>
  [...prose.matchAll(/(?:\]\(|\bhref=")([^)"\s]+)[)"]/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/i.test(target));

/** The file a link leads to, relative to the project, and the place in it. */
export function targetOf(document: Document, link: string): { readonly path: string; readonly anchor: string | null } {
  const [file = '', anchor = null] = link.split('#');
  return { path: file === '' ? document.path : join(dirname(document.path), file), anchor };
}

/** The block of a language that follows a block, if nothing else of code lies between. */
export const fenceAfter = ({ fences }: Document, fence: Fence, language: string): Fence | null => {
  const next = fences[fences.indexOf(fence) + 1];
  return next?.language === language ? next : null;
};

/** A pattern of a text in which `…` stands for anything. */
export const patternOf = (text: string): RegExp =>
  new RegExp(
    `^\\s*${text
      .trim()
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+'))
      .join('[\\s\\S]*?')}\\s*$`,
  );
