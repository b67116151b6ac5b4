import type { Registry } from 'prom-client';
import {
  type Counting,
  type InstrumentOptions,
  type Instruments,
  labelsOf,
  type Observing,
} from '../../telemetry/instruments.ts';

/**
 * Numbers by label values, written down as Prometheus wants them when it asks. Counting is one look-up: prom-client checks,
 * sorts and joins the labels at each step, which a request with its calls would do ten times.
 */
export const counters: Instruments = {
  counter: (registry, options) => counted(registry, options, 'counter'),
  gauge: (registry, options) => counted(registry, options, 'gauge'),
  histogram: (registry, options) => observed(registry, options),
};

/** A sum for each combination of label values. */
class Sums implements Counting {
  readonly #sums = new Map<string, number>();

  /** @param key label values in the order of their names, with `separator` between */
  add(key: string, by = 1): void {
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + by);
  }

  values(names: readonly string[]): { readonly labels: Readonly<Record<string, string>>; readonly value: number }[] {
    return [...this.#sums].map(([key, value]) => ({ labels: labelsOf(names, key), value }));
  }
}

/** A counter or gauge. */
function counted(
  registry: Registry,
  { name, help, labelNames }: InstrumentOptions,
  type: 'counter' | 'gauge',
): Counting {
  const sums = new Sums();
  register(registry, { name, help, type, values: () => sums.values(labelNames) });
  return sums;
}

type Distribution = { readonly counts: number[]; sum: number };

/** Observations by label values and size. */
function observed(
  registry: Registry,
  { name, help, labelNames, bounds }: Parameters<Instruments['histogram']>[1],
): Observing {
  const distributions = new Map<string, Distribution>();
  const valuesOf = ([key, { counts, sum }]: [string, Distribution]) => {
    const labels = labelsOf(labelNames, key);
    let total = 0;
    const buckets = counts.map((count, index) => {
      total += count;
      return { metricName: `${name}_bucket`, labels: { le: bounds[index] ?? '+Inf', ...labels }, value: total };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: total },
    ];
  };
  register(registry, { name, help, type: 'histogram', values: () => [...distributions].flatMap(valuesOf) });
  return {
    observe(key, value) {
      let distribution = distributions.get(key);
      if (distribution === undefined) {
        distribution = { counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
        distributions.set(key, distribution);
      }
      let bucket = 0;
      while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
      (distribution.counts[bucket] as number) += 1;
      distribution.sum += value;
    },
  };
}

type Written = {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  values(): readonly object[];
};

function register(registry: Registry, { name, help, type, values }: Written): void {
  const metric = { name, help, type, get: async () => ({ name, help, type, aggregator: 'sum', values: values() }) };
  // of a metric the registry asks for its name and what `get` gives; its type names the classes of prom-client
  registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);
}
