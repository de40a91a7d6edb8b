import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { AdmitReview } from '../../src/admission/admit-review.ts';
import { ALLOWED, aReview, type RunningServer, runWebhookServer } from '../support/webhook-server.ts';

describe('a server that stops', () => {
  it('loses no review of a steady load that follows its readiness', async () => {
    const admit = vi.fn<AdmitReview>(() => sleep(5, ALLOWED));
    const config = { drain: '300ms' };
    const [leaving, staying] = await Promise.all([runWebhookServer({ admit, config }), runWebhookServer({ admit })]);
    const failures: unknown[] = [];
    const served = new Map<RunningServer, number>();
    const over = new AbortController();
    const clients = Array.from({ length: 8 }, async () => {
      while (!over.signal.aborted && failures.length === 0) {
        // As a Service does: whoever is not ready gets no new reviews.
        const target = leaving.probes.readyz().ok ? leaving : staying;
        const answer = await target.post(aReview()).catch((error: unknown) => error);
        served.set(target, (served.get(target) ?? 0) + 1);
        if (!(answer instanceof Object && 'status' in answer && answer.status === 200)) failures.push(answer);
      }
    });

    await vi.waitFor(() => expect(served.get(leaving)).toBeGreaterThan(50));
    await leaving.stop();
    await vi.waitFor(() => expect(failures.length > 0 || (served.get(staying) ?? 0) > 50).toBe(true));
    over.abort();
    await Promise.all(clients);
    await staying.stop();

    expect(failures).toEqual([]);
  });

  it('answers what it accepted before it closes, and sends its callers elsewhere', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const admit = vi.fn<AdmitReview>(async () => {
      await promise;
      return ALLOWED;
    });
    const server = await runWebhookServer({ admit });

    const pending = server.post(aReview());
    await vi.waitFor(() => expect(admit).toHaveBeenCalled());
    const stopped = server.stop();
    // Well after the listener has closed.
    await sleep(200);
    resolve();
    const answer = await pending;
    await stopped;

    expect(answer.status).toBe(200);
    expect(answer.headers['connection']).toBe('close');
  });

  it('serves on while it drains, not ready and with a closing connection', async () => {
    const server = await runWebhookServer({ config: { drain: '500ms' } });
    const before = await server.post(aReview());

    const stopped = server.stop();
    const during = await server.post(aReview());
    const ready = await server.get('/readyz');
    await stopped;

    expect(before.headers['connection']).toBe('keep-alive');
    expect(during.status).toBe(200);
    expect(during.headers['connection']).toBe('close');
    expect(ready.status).toBe(503);
  });

  it('is not held by a caller that keeps its idle connection', async () => {
    const server = await runWebhookServer();
    await server.post(aReview());

    // Its client would keep it for a minute, the server for two.
    await expect(server.stop()).resolves.toBeUndefined();
  });
});
