import type { AbortSignalLike } from '../../runtime/abort.ts';
import { TransportError } from './transport.ts';

/**
 * Waits.
 * @throws TransportError the caller left meanwhile
 */
export function pause(delayMs: number, signal: AbortSignalLike | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(new TransportError('ABORTED', false));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, delayMs);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
