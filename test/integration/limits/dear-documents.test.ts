import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { dearDocuments, largest } from '../../support/dear-documents.ts';
import { countSteps, type StepCounter } from '../../support/steps.ts';

const bed = sharedBed();

let counter: StepCounter<'all' | 'comparing'>;
beforeAll(() => {
  counter = countSteps({
    all: /\/graphql\/(language|validation|utilities|error|jsutils)\/|\/limits\//,
    comparing: /OverlappingFieldsCanBeMerged/,
  });
});
afterAll(() => counter.close());

/** What it takes to parse, measure and validate a document: sent once, as no document is validated twice. */
async function stepsOf(query: string, token: string) {
  counter.steps();
  const response = await fetch(bed.gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': token },
    body: JSON.stringify({ query }),
  });
  await response.text();
  return counter.steps();
}

const maxTokens = 1500;
const sizes = [1, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05];

const documents = Object.entries(dearDocuments).map(([kind, make]) => {
  const most = largest(make, maxTokens);
  return { kind, texts: [...new Set(sizes.map((share) => make(Math.max(1, Math.round(share * most)))))] };
});

/** Most steps of any document of a kind, whatever its size. */
async function dearest(texts: readonly string[], token: string) {
  const steps = { all: 0, comparing: 0, characters: 0 };
  for (const text of texts) {
    const { all, comparing } = await stepsOf(text, token);
    if (all > steps.all) steps.characters = text.length;
    steps.all = Math.max(steps.all, all);
    steps.comparing = Math.max(steps.comparing, comparing);
  }
  if (process.env.PRINT_STEPS !== undefined) console.log(token.slice(0, 8), steps);
  return steps;
}

/** Tokens that have not to be compared with each other take half of it. */
const most = 1_200_000;

describe('no document of LIMIT_TOKENS or fewer takes more than a bounded number of steps', () => {
  it.each(documents)('of a caller nobody knows: $kind', async ({ texts }) => {
    const steps = await dearest(texts, 'made-up');
    expect(steps.all).toBeGreaterThan(0);
    expect(steps.all).toBeLessThan(most);
    expect(steps.comparing).toBeLessThan(400_000);
  });

  it.each(documents)('of a caller whose token was accepted: $kind', async ({ texts }) => {
    await bed.ask('{ notebooks { totalCount } }');
    // other texts, so that nothing is remembered of them
    const steps = await dearest(
      texts.map((text) => `${text} # of a caller who is known`),
      bed.simulator.demo.token,
    );
    expect(steps.all).toBeLessThan(most);
    expect(steps.comparing).toBeLessThan(500_000);
  });
});
