import type { Registry } from 'prom-client';

/**
 * Numbers by label values, written down as Prometheus wants them when it asks. Counting is one look-up: prom-client checks,
 * sorts and joins the labels at each step, which a request with its calls would do ten times.
 */
export type TallyOptions<L extends string> = {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
};

/** In no label value of ours. */
export const separator = '\t';

type Labels = Readonly<Record<string, string>>;

/** The label values of a key, which holds them in the order of their names. */
function labelsOf(names: readonly string[], key: string): Labels {
  const values = key.split(separator);
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

/** A sum for each combination of label values. */
export class Tally {
  readonly #sums = new Map<string, number>();

  /** @param key label values in the order of their names, with `separator` between */
  add(key: string, by = 1): void {
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + by);
  }

  values(names: readonly string[]): { readonly labels: Labels; readonly value: number }[] {
    return [...this.#sums].map(([key, value]) => ({ labels: labelsOf(names, key), value }));
  }
}

/** A counter or gauge that is a tally. */
export function tallied<L extends string>(
  registry: Registry,
  { name, help, labelNames, type }: TallyOptions<L> & { readonly type: 'counter' | 'gauge' },
): Tally {
  const tally = new Tally();
  register(registry, { name, help, type, values: () => tally.values(labelNames) });
  return tally;
}

type Distribution = { readonly counts: number[]; sum: number };

/** Observations by label values and size. */
export type Observations = { observe(key: string, value: number): void };

/** @param bounds upper bounds of the buckets, ascending, without the infinite one */
export function observed<L extends string>(
  registry: Registry,
  { name, help, labelNames, bounds }: TallyOptions<L> & { readonly bounds: readonly number[] },
): Observations {
  const distributions = new Map<string, Distribution>();
  const valuesOf = ([key, { counts, sum }]: [string, Distribution]) => {
    const labels = labelsOf(labelNames, key);
    let total = 0;
    const buckets = counts.map((count, index) => {
      total += count;
      return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[index] ?? '+Inf' }, value: total };
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
