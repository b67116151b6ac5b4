import type { AnyStatus } from '../../modelarts/state-machine.ts';
import type { Context } from '../core/context.ts';
import type { CallerWatch } from './caller-watch.ts';
import { resumePoint } from './event-delivery.ts';
import { type StatusEvent, type StatusRules, statusEnd, statusEvents } from './status-events.ts';
import { stopWithReader } from './stop-with-reader.ts';

/**
 * The status of one thing, for a subscription: as it is, then each change, to one that ends it.
 * @throws UnauthenticatedError, BadUserInputError as `context.access()` does
 */
export async function statusStream<Item, Status extends AnyStatus>(
  context: Context,
  watch: CallerWatch<Item>,
  options: {
    /** raw id */
    readonly id: string;
    readonly until: readonly Status[] | null | undefined;
    readonly since: string | null | undefined;
    readonly rules: StatusRules<Item, Status>;
  },
): Promise<AsyncIterableIterator<StatusEvent<Item, Status>>> {
  const { id, since, rules } = options;
  const until = new Set<Status | 'UNKNOWN'>(options.until);
  const endsAt = statusEnd(rules, until);
  const events = await watch.listen(context, { id, since: resumePoint(since, context), endsAt });
  return stopWithReader(statusEvents(events, { id, until, rules }), events);
}
