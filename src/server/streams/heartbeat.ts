import type { ServerResponse } from 'node:http';
import { comment } from './sse-frame.ts';

/** Event streams that are kept alive, all by one timer. */
export type Heartbeat = { add(stream: ServerResponse): void; remove(stream: ServerResponse): void };

/** @param intervalMs between two comments on a stream */
export function createHeartbeat(intervalMs: number): Heartbeat {
  const streams = new Set<ServerResponse>();
  let timer: NodeJS.Timeout | undefined;
  const beat = (): void => {
    // one that has not taken the last event has something on its way already
    for (const stream of streams) if (!stream.writableNeedDrain) stream.write(comment);
  };
  return {
    add(stream) {
      streams.add(stream);
      timer ??= setInterval(beat, intervalMs);
    },
    remove(stream) {
      streams.delete(stream);
      if (streams.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
}
