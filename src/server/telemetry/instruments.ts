import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What is counted, by label values: those of a key, in the order of the labels' names, with `separator` between. */
export type Counting = { add(key: string, by?: number): void };
export type Observing = { observe(key: string, value: number): void };

export type InstrumentOptions = {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
};

/** Makes the numbers of a registry. */
export type Instruments = {
  counter(registry: Registry, options: InstrumentOptions): Counting;
  gauge(registry: Registry, options: InstrumentOptions): Counting;
  /** @param options.bounds upper bounds of the buckets, ascending, without the infinite one */
  histogram(registry: Registry, options: InstrumentOptions & { readonly bounds: readonly number[] }): Observing;
};

/** In no label value of ours. */
export const separator = '\t';

/** The label values of a key, which holds them in the order of their names. */
export function labelsOf(names: readonly string[], key: string): Record<string, string> {
  const values = key.split(separator);
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

/** As prom-client has them. */
export const promInstruments: Instruments = {
  counter(registry, { name, help, labelNames }) {
    const counter = new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
    return { add: (key, by = 1) => counter.inc(labelsOf(labelNames, key), by) };
  },
  gauge(registry, { name, help, labelNames }) {
    const gauge = new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
    return { add: (key, by = 1) => gauge.inc(labelsOf(labelNames, key), by) };
  },
  histogram(registry, { name, help, labelNames, bounds }) {
    const buckets = [...bounds];
    const histogram = new Histogram({ name, help, labelNames: [...labelNames], buckets, registers: [registry] });
    return { observe: (key, value) => histogram.observe(labelsOf(labelNames, key), value) };
  },
};
