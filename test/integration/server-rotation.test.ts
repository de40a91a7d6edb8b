import { X509Certificate } from 'node:crypto';
import { request, type Agent } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import type { Clock } from '../../src/kube/clock.ts';
import { createMemoryCluster, type MemoryCluster } from '../../src/kube/memory/memory-cluster.ts';
import { createMetrics } from '../../src/metrics.ts';
import { createProbes } from '../../src/server/probe-routes.ts';
import { startWebhookServer, type WebhookServer } from '../../src/server/server.ts';
import { createCaReader } from '../../src/tls/ca-secret.ts';
import { serviceNames } from '../../src/tls/leaf.ts';
import { createPathTokens } from '../../src/tls/path-token.ts';
import { createSelfSignedSource } from '../../src/tls/self-signed-source.ts';
import { createWebhookTrust } from '../../src/tls/webhook-trust.ts';
import { captureLog } from '../support/captured-log.ts';
import { anInstallation, aWebhook, webhooksIn } from '../support/webhook-configuration.ts';
import { ALLOWED, aReview, clientFor } from '../support/webhook-server.ts';

const MINUTE_MS = 60_000;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

/** Verifiers of TLS look at the real time, so the clock may run ahead of it only as far as certificates are backdated. */
function createShiftedClock(): Pick<Clock, 'date' | 'sleep'> & { shift(ms: number): void } {
  let shiftMs = 0;
  return {
    date: () => new Date(Date.now() + shiftMs),
    sleep: async () => {},
    shift(ms) {
      shiftMs += ms;
    },
  };
}

async function install() {
  const cluster = createMemoryCluster(
    anInstallation([aWebhook('pods.latchkey.dev'), aWebhook('ephemeral.latchkey.dev')]),
  );
  const clock = createShiftedClock();
  const { log } = captureLog();
  const config = parseConfig(
    JSON.stringify({ tls: { caLifetime: '1h', leafLifetime: '1m' }, webhook: { pathTokenLifetime: '20m' } }),
  );
  const { namespace, tls, webhook } = config;
  const trust = createWebhookTrust({ kube: cluster, config, clock, log, metrics: createMetrics() });
  const certificates = createSelfSignedSource({
    readCa: createCaReader({ kube: cluster, namespace, name: tls.caSecretName }),
    names: serviceNames(tls.serviceName, namespace, []),
    leafLifetimeMs: MINUTE_MS,
    clock,
    log,
  });
  const pathToken = createPathTokens({ kube: cluster, namespace, name: webhook.pathTokenSecretName }, log);
  const server = await startWebhookServer({
    admit: async () => ALLOWED,
    pathToken,
    certificates: { ...certificates, stop: async () => {} },
    probes: createProbes({}),
    log,
    metrics: createMetrics(),
    config: { ...config.server, listen: '127.0.0.1:0', drain: '0s' },
  });
  ends.push(() => server.stop());
  const signal = new AbortController().signal;

  return {
    cluster,
    server,
    certificates,
    trust,
    /** The leader looks, and after it, later, the replica. */
    elapse: async (ms: number) => {
      clock.shift(ms);
      await trust.reconcile(signal);
      await certificates.refresh(signal);
      await pathToken.refresh(signal);
    },
  };
}

/** Calls as an API server does: by the configuration as it is, with a connection pool for each bundle. */
function createApiServer(cluster: MemoryCluster, server: WebhookServer) {
  const pools = new Map<string, Agent>();
  ends.push(() => Promise.all([...pools.values()].map((pool) => pool.close())));

  return {
    bundles: () => pools.size,
    async review(): Promise<number> {
      const { caBundle = '', path = '' } = webhooksIn(cluster)[0] ?? {};
      const pool = pools.get(caBundle) ?? clientFor(caBundle);
      pools.set(caBundle, pool);
      const url = `https://127.0.0.1:${server.port}${path}?timeout=10s`;
      const answer = await request(url, { method: 'POST', body: aReview(), dispatcher: pool });
      await answer.body.dump();
      return answer.statusCode;
    },
  };
}

describe('rotation under keep-alive load', () => {
  it('loses no review while leaf, certificate authority and path token are replaced', async () => {
    const { cluster, server, certificates, trust, elapse } = await install();
    await elapse(0);
    const apiServer = createApiServer(cluster, server);
    const failures: unknown[] = [];
    let reviews = 0;
    const over = new AbortController();
    const load = Array.from({ length: 4 }, async () => {
      while (!over.signal.aborted && failures.length === 0) {
        const outcome = await apiServer.review().catch((error: unknown) => error);
        if (outcome !== 200) failures.push(outcome);
        reviews += 1;
      }
    });
    const issuers = new Set<string>();
    const leaves = new Set<string>();
    const paths = new Set<string>();

    for (let minute = 0; minute < 55 && failures.length === 0; minute += 1) {
      await elapse(MINUTE_MS);
      const enough = reviews + 12;
      await vi.waitFor(() => expect(reviews > enough || failures.length > 0).toBe(true), { interval: 5 });
      const leaf = new X509Certificate(certificates.current()?.certificatePem ?? '');
      issuers.add(leaf.issuer);
      leaves.add(leaf.fingerprint256);
      paths.add(webhooksIn(cluster)[0]?.path ?? '');
    }
    over.abort();
    await Promise.all(load);

    expect(failures).toEqual([]);
    expect(trust.isPublished()).toBe(true);
    expect(issuers.size).toBe(2);
    expect(leaves.size).toBeGreaterThan(50);
    expect(paths.size).toBeGreaterThan(2);
    // The first authority alone, both, the second alone.
    expect(apiServer.bundles()).toBe(3);
  });
});
