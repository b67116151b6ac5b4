import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import {
  type Counting,
  type InstrumentOptions,
  type Instruments,
  labelsOf,
  type Observing,
} from '../../telemetry/instruments.ts';

/**
 * Numbers by label values, given to prom-client when Prometheus asks. Counting is one look-up: prom-client checks, sorts and
 * joins the labels at each step, which a request with its calls would do ten times.
 */
export const counters: Instruments = {
  counter(registry, options) {
    const sums = new Sums();
    new Counter({
      ...written(registry, options),
      collect() {
        this.reset();
        for (const [labels, sum] of sums.by(options.labelNames)) this.inc(labels, sum);
      },
    });
    return sums;
  },
  gauge(registry, options) {
    const sums = new Sums();
    new Gauge({
      ...written(registry, options),
      collect() {
        for (const [labels, sum] of sums.by(options.labelNames)) this.set(labels, sum);
      },
    });
    return sums;
  },
  histogram: (registry, options) => new Distributions(registry, options),
};

const written = (registry: Registry, { name, help, labelNames }: InstrumentOptions) => ({
  name,
  help,
  labelNames: [...labelNames],
  registers: [registry],
});

type Labels = Readonly<Record<string, string>>;

/** A sum for each combination of label values. */
class Sums implements Counting {
  readonly #sums = new Map<string, number>();

  /** @param key label values in the order of their names, with `separator` between */
  add(key: string, by = 1): void {
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + by);
  }

  by(names: readonly string[]): (readonly [Labels, number])[] {
    return [...this.#sums].map(([key, sum]) => [labelsOf(names, key), sum]);
  }
}

type Distribution = { readonly counts: number[]; sum: number };

type HistogramOptions = Parameters<Instruments['histogram']>[1];

/** Observations by label values and size. */
class Distributions implements Observing {
  readonly #distributions = new Map<string, Distribution>();
  readonly #bounds: readonly number[];

  constructor(registry: Registry, options: HistogramOptions) {
    this.#bounds = options.bounds;
    new WrittenHistogram(registry, options, () =>
      [...this.#distributions].flatMap(([key, distribution]) =>
        samplesOf(options, labelsOf(options.labelNames, key), distribution),
      ),
    );
  }

  observe(key: string, value: number): void {
    let distribution = this.#distributions.get(key);
    if (distribution === undefined) {
      distribution = { counts: new Array<number>(this.#bounds.length + 1).fill(0), sum: 0 };
      this.#distributions.set(key, distribution);
    }
    const { counts } = distribution;
    let bucket = 0;
    for (const bound of this.#bounds) {
      if (value <= bound) break;
      bucket++;
    }
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    distribution.sum += value;
  }
}

type Sample = { readonly metricName: string; readonly labels: Record<string, string | number>; readonly value: number };

function samplesOf({ name, bounds }: HistogramOptions, labels: Labels, { counts, sum }: Distribution): Sample[] {
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    return { metricName: `${name}_bucket`, labels: { le: bounds[index] ?? '+Inf', ...labels }, value: total };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: { ...labels }, value: sum },
    { metricName: `${name}_count`, labels: { ...labels }, value: total },
  ];
}

/** A histogram of prom-client whose samples are counted elsewhere. */
class WrittenHistogram extends Histogram {
  readonly #options: HistogramOptions;
  readonly #samples: () => Sample[];

  constructor(registry: Registry, options: HistogramOptions, samples: () => Sample[]) {
    super({ ...written(registry, options), buckets: [...options.bounds] });
    this.#options = options;
    this.#samples = samples;
  }

  /** What a registry asks a histogram for, and what its `get` is made from; prom-client's declarations leave it out. */
  async getForPromString() {
    const { name, help } = this.#options;
    return { name, help, type: 'histogram', aggregator: 'sum', values: this.#samples() };
  }
}
