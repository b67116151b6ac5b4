import { Counter, type Registry } from 'prom-client';
import type { WatchStats } from '../../watch/watches.ts';
import { type Instruments, separator } from './instruments.ts';
import type { OperationListener } from './operation.ts';

export type SubscriptionMetricsOptions = {
  readonly registry: Registry;
  readonly instruments: Instruments;
  /** before each name */
  readonly prefix: string;
  readonly watches: { readonly stats: Pick<WatchStats, 'lags' | 'droppedEvents'> };
};

const transports = 'by transport (sse: an event stream for each, sse_single: many on one event stream, websocket)';

/** Up to the time a client may take that reads slowly. */
const deliveryBuckets = [0.001, 0.005, 0.025, 0.1, 0.25, 1, 2.5, 10, 30];

/** Numbers of subscriptions and their events. */
export function createSubscriptionMetrics({
  registry,
  instruments,
  prefix,
  watches,
}: SubscriptionMetricsOptions): Required<OperationListener> {
  const open = instruments.gauge(registry, {
    name: `${prefix}subscriptions_open`,
    help: `Subscriptions that are open at this moment, ${transports}`,
    labelNames: ['transport'],
  });
  const ended = instruments.counter(registry, {
    name: `${prefix}subscriptions_ended_total`,
    help: `Subscriptions that are over, ${transports} and reason (completed: there is nothing more to tell, client: it left or wants no more, token: it was refused, limit: a limit of this gateway was met, for example by a client that does not read, error: any other error, shutdown: the gateway ended)`,
    labelNames: ['transport', 'reason'],
  });
  const sent = instruments.counter(registry, {
    name: `${prefix}subscription_events_total`,
    help: `Events sent to subscribers, ${transports}`,
    labelNames: ['transport'],
  });
  const delivery = instruments.histogram(registry, {
    name: `${prefix}event_delivery_seconds`,
    help: `Seconds from the answer of ModelArts that an event of a subscription is about to the moment the event is written to its client, ${transports}; what was known before the subscription began is left out`,
    labelNames: ['transport'],
    bounds: deliveryBuckets,
  });
  const counterOf = (name: string, help: string, read: () => number): void => {
    new Counter({
      name: prefix + name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  counterOf(
    'subscription_lags_total',
    'Times a subscriber had not read so many events that they were shortened to what they lead to',
    () => watches.stats.lags,
  );
  counterOf(
    'subscription_events_dropped_total',
    'Events a subscriber was not sent because newer ones, or the newest state, took their place before it had read them',
    () => watches.stats.droppedEvents,
  );

  return {
    operationStarted({ subscribed }) {
      if (subscribed !== null) open.add(subscribed.transport, 1);
    },
    eventSent({ subscribed }, observedAt) {
      if (subscribed === null) return;
      const { transport, openedAt } = subscribed;
      sent.add(transport);
      if (observedAt === null || observedAt < openedAt) return;
      delivery.observe(transport, Math.max(0, Date.now() - observedAt) / 1000);
    },
    operationEnded({ subscribed }, { isRun }) {
      if (subscribed === null || !isRun) return;
      open.add(subscribed.transport, -1);
      ended.add(subscribed.transport + separator + (subscribed.end ?? 'error'));
    },
  };
}
