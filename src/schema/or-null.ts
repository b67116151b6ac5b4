import { NotFoundError } from '../modelarts/errors.ts';

/** What a read finds; null when ModelArts says there is no such object. */
export function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return read().catch(nullOfAbsent);
  } catch (error) {
    return Promise.reject(error);
  }
}

function nullOfAbsent(error: unknown): null {
  if (error instanceof NotFoundError) return null;
  throw error;
}
