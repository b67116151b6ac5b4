import { expect } from 'vitest';
import type { TestBed } from './gateway.ts';

/** No answer names a token, an address or a place in our code. */
export function expectNothingInternal(bed: TestBed, answer: unknown): void {
  const text = JSON.stringify(answer);
  expect(text).not.toContain(bed.simulator.demo.token.slice(0, 32));
  expect(text).not.toMatch(/127\.0\.0\.1|localhost|ECONN|socket|undici|node_modules|\.ts\b|\\n +at |stack/i);
}
