import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/metrics.ts';

describe('metrics', () => {
  it('renders counters, gauges and histograms with their labels', async () => {
    const metrics = createMetrics();

    metrics.counter({ name: 'latchkey_a_total', help: 'a', labels: ['kind'] }).increment({ kind: 'x' }, 2);
    metrics.gauge({ name: 'latchkey_b', help: 'b' }).set(3);
    metrics.histogram({ name: 'latchkey_c_seconds', help: 'c', buckets: [1, 2] }).observe(1.5);
    const { text, contentType } = await metrics.render();

    expect(contentType).toContain('text/plain');
    expect(text).toContain('latchkey_a_total{kind="x"} 2');
    expect(text).toContain('latchkey_b 3');
    expect(text).toContain('latchkey_c_seconds_bucket{le="2"} 1');
    expect(text).not.toContain('process_');
  });

  it('gives the same metric to two who ask for the same name', async () => {
    const metrics = createMetrics();
    const options = { name: 'latchkey_a_total', help: 'a' } as const;

    metrics.counter(options).increment();
    metrics.counter(options).increment();

    expect((await metrics.render()).text).toContain('latchkey_a_total 2');
  });

  it('asks a gauge for its value at each scrape', async () => {
    const metrics = createMetrics();
    let value = 1;
    metrics.gauge({ name: 'latchkey_b', help: 'b', read: () => value });

    await metrics.render();
    value = 7;

    expect((await metrics.render()).text).toContain('latchkey_b 7');
  });

  it('adds those of the process where asked to', async () => {
    const { text } = await createMetrics({ processMetrics: true }).render();

    expect(text).toContain('process_resident_memory_bytes');
  });
});
