import type { Spread, Verdict } from '../rounds/spread.ts';

export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(columns), `|${columns.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Two significant digits, or all before the point. */
export const short = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(value >= 10 ? 3 : 2)));

/** The median, and in parentheses the least and the most of any round. */
export const spreadText = ({ median, least, most }: Spread): string =>
  short(least) === short(most) ? short(median) : `${short(median)} (${short(least)}..${short(most)})`;

export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').replaceAll('|', '/').slice(0, 200);

const words: Readonly<Record<Verdict, string>> = {
  reached: 'reached',
  'not reached': '**not reached**',
  open: 'open',
};

/** A figure and what it says of its target. */
export const verdictText = (spread: Spread | null, verdict: (spread: Spread) => Verdict): string =>
  spread === null ? 'not measured' : `${spreadText(spread)} ${words[verdict(spread)]}`;
