import type { Clock } from '../clock.ts';

/** A wait that ends by itself, by `end()`, or when the signal aborts; it never rejects. */
export function pause(
  clock: Clock,
  longestMs: number,
  signal: AbortSignal,
): { readonly ended: Promise<void>; end(): void } {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = () => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimeout(end, longestMs);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
  return { ended, end };
}
