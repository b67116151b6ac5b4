import { Turn } from '../../runtime/turns.ts';
import type { Context } from '../core/context.ts';
import { perOperation } from './operation-scope.ts';

/** Rows an operation's lists are completed with at once: most have no more. */
const atOnce = 50;
/** Rows completed in one turn: with 500 fields each, 5 ms of graphql-js. */
const perTurn = 10;

class GivenRows {
  count = 0;
  turn: Turn | null = null;
}

const givenRows = perOperation(() => new GivenRows());

/** A connection whose rows may come by and by. */
type InTurns<Page extends { readonly edges: readonly unknown[] }> = Omit<Page, 'edges'> & {
  readonly edges: (Page['edges'][number] | Promise<Page['edges'][number]>)[];
};

/**
 * The rows of a page as executors are to complete them: the first ones of an operation at once, further ones by and by, so
 * that other requests get to their turn in between. For rows that make no calls: those that do are spread by the answers.
 */
export function inTurns<Page extends { readonly edges: Page['edges'][number][] }>(
  page: Page,
  context: Context,
): InTurns<Page> {
  const rows = page.edges;
  if (rows.length === 0) return page;
  const given = givenRows(context);
  const first = Math.max(0, atOnce - given.count);
  given.count += rows.length;
  if (rows.length <= first) return page;
  given.turn ??= new Turn();
  const edges: InTurns<Page>['edges'] = rows.slice(0, first);
  for (let from = first; from < rows.length; from += perTurn) {
    const turn = given.turn.next();
    for (const row of rows.slice(from, from + perTurn)) edges.push(turn.then(() => row));
  }
  return { ...page, edges };
}
