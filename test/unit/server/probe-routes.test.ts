import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { createProbes, registerProbeRoutes } from '../../../src/server/probe-routes.ts';

describe('probes', () => {
  it('names what is missing', () => {
    const probes = createProbes({
      ready: [
        { name: 'certificate', holds: () => true },
        { name: 'stores', holds: () => false },
        { name: 'pods', holds: () => 'the watch has not begun' },
      ],
    });

    expect(probes.readyz()).toEqual({
      ok: false,
      missing: { stores: 'not yet', pods: 'the watch has not begun' },
    });
    expect(probes.livez()).toEqual({ ok: true, missing: {} });
  });

  it('is not ready once it shuts down, and lives on', () => {
    const probes = createProbes({});

    probes.shutDown();

    expect(probes.readyz()).toEqual({ ok: false, missing: { running: 'shutting down' } });
    expect(probes.livez().ok).toBe(true);
  });

  it.each([
    ['/readyz', 503, { ok: false, missing: { stores: 'not yet' } }],
    ['/livez', 200, { ok: true, missing: {} }],
  ])('answers %s with %d', async (url, status, body) => {
    const app = fastify();
    registerProbeRoutes(app, createProbes({ ready: [{ name: 'stores', holds: () => false }] }));

    const response = await app.inject({ url });

    expect(response.statusCode).toBe(status);
    expect(response.json()).toEqual(body);
  });
});
