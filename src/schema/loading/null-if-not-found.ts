import { NotFoundError } from '../../modelarts/wire/errors.ts';

/** What a read finds; null when ModelArts says there is no such object. */
export async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}
