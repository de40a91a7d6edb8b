import { request } from 'undici';
import { expect, it } from 'vitest';
import { createMetrics } from '../../../src/metrics.ts';
import { startMetricsServer } from '../../../src/server/metrics-server.ts';
import { createProbes } from '../../../src/server/probe-routes.ts';

it('serves metrics and probes in plain HTTP', async () => {
  const metrics = createMetrics();
  metrics.counter({ name: 'latchkey_a_total', help: 'a' }).increment();
  const probes = createProbes({ live: [{ name: 'queue', holds: () => 'stands still' }] });
  const server = await startMetricsServer({ listen: '127.0.0.1:0', metrics, probes });

  const answers = await Promise.all(
    ['metrics', 'readyz', 'livez', 'other'].map(async (path) => {
      const { statusCode, body } = await request(`http://127.0.0.1:${server.port}/${path}`);
      return { statusCode, text: await body.text() };
    }),
  );
  await server.stop();

  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 503, 404]);
  expect(answers[0]?.text).toContain('latchkey_a_total 1');
  expect(answers[2]?.text).toContain('stands still');
});
