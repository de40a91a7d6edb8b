import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Names, stores and namespaces at most; never a key, a value or anything a request makes up. */
export type Labels = Readonly<Record<string, string>>;
/** Ours, and those of External Secrets that dashboards and alerts know. */
export type MetricName = `latchkey_${string}` | `${'cluster' | ''}externalsecret_${string}`;

export interface MetricOptions {
  readonly name: MetricName;
  readonly help: string;
  readonly labels?: readonly string[];
}

export interface CounterMetric {
  increment(labels?: Labels, by?: number): void;
  /** Drops a series whose object is gone. */
  remove(labels: Labels): void;
}

export interface GaugeMetric {
  set(value: number, labels?: Labels): void;
  /** Drops a series whose object is gone. */
  remove(labels: Labels): void;
}

export interface HistogramMetric {
  observe(value: number, labels?: Labels): void;
}

/** Our metrics, so that no other file knows which library counts them. Asking twice for a name gives the same metric. */
export interface Metrics {
  counter(options: MetricOptions): CounterMetric;
  /** `read`, where given, is called at each scrape; for values that somebody else keeps. */
  gauge(options: MetricOptions & { readonly read?: () => number }): GaugeMetric;
  histogram(options: MetricOptions & { readonly buckets?: readonly number[] }): HistogramMetric;
  render(): Promise<RenderedMetrics>;
}

export interface RenderedMetrics {
  readonly contentType: string;
  readonly text: string;
}

/** From a cached answer to a provider that takes the whole deadline. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** `processMetrics` adds memory, CPU, event loop and garbage collection of this process. */
export function createMetrics({ processMetrics = false }: { readonly processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  const counters = new Map<MetricName, Counter>();
  const gauges = new Map<MetricName, Gauge>();
  const histograms = new Map<MetricName, Histogram>();
  if (processMetrics) collectDefaultMetrics({ register: registry });

  return {
    counter({ name, help, labels = [] }) {
      const counter = getOrCreate(
        counters,
        name,
        () => new Counter({ name, help, labelNames: [...labels], registers: [registry] }),
      );
      return {
        increment: (values = {}, by = 1) => counter.inc(values, by),
        remove: (values) => counter.remove(values),
      };
    },

    gauge({ name, help, labels = [], read }) {
      const gauge = getOrCreate(gauges, name, () => {
        const options = { name, help, labelNames: [...labels], registers: [registry] };
        if (read === undefined) return new Gauge(options);
        return new Gauge({
          ...options,
          collect: function collect(): void {
            this.set(read());
          },
        });
      });
      return {
        set: (value, values = {}) => gauge.set(values, value),
        remove: (values) => gauge.remove(values),
      };
    },

    histogram({ name, help, labels = [], buckets = SECONDS }) {
      const options = { name, help, labelNames: [...labels], buckets: [...buckets], registers: [registry] };
      const histogram = getOrCreate(histograms, name, () => new Histogram(options));
      return { observe: (value, values = {}) => histogram.observe(values, value) };
    },

    async render() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function getOrCreate<T>(known: Map<MetricName, T>, name: MetricName, create: () => T): T {
  const metric = known.get(name) ?? create();
  known.set(name, metric);
  return metric;
}
