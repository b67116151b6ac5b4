import type { Leaving } from '../../runtime/abort.ts';
import { TransportError } from './transport.ts';

/**
 * Waits.
 * @throws TransportError the caller left meanwhile
 */
export function pause(delayMs: number, signal: Leaving | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      clearTimeout(timer);
      reject(new TransportError('ABORTED', false));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', leave);
      resolve();
    }, delayMs);
    if (signal?.aborted) leave();
    else signal?.addEventListener('abort', leave, { once: true });
  });
}
