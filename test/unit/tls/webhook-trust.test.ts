import { X509Certificate } from 'node:crypto';
import { type Arbitrary, array, assert, asyncProperty, constant, integer, oneof, record } from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../../../src/config.ts';
import { KubeError } from '../../../src/kube/client.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { createMetrics } from '../../../src/metrics.ts';
import { createCaReader } from '../../../src/tls/ca-secret.ts';
import { createPathTokens } from '../../../src/tls/path-token.ts';
import { createWebhookTrust } from '../../../src/tls/webhook-trust.ts';
import { captureLog } from '../../support/captured-log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import {
  anInstallation,
  CONFIGURATION_PATH,
  validatingWebhooksIn,
  webhooksIn,
} from '../../support/webhook-configuration.ts';

const SIGNAL = new AbortController().signal;
const STEP_MS = 15_000;
const LEAF_LIFETIME_MS = 5 * 60_000;

function setUp(overrides: object = {}) {
  const clock = createFakeClock();
  const state = { isDown: false, refusesPatches: false, refusesValidating: false };
  const cluster = createMemoryCluster(anInstallation(), {
    clock,
    onRequest({ method, path }) {
      const isRefused = state.refusesValidating && path.includes('/validatingwebhookconfigurations/');
      if (isRefused) throw new KubeError(403, 'Forbidden', `${method} was refused`);
      if (state.refusesPatches && method === 'PATCH') throw new KubeError(403, 'Forbidden', 'PATCH was refused');
      if (state.isDown) throw new KubeError(0, 'Unreachable', 'no answer');
    },
  });
  const config = parseConfig(JSON.stringify(overrides));
  const captured = captureLog();
  const metrics = createMetrics();
  return {
    clock,
    state,
    cluster,
    config,
    captured,
    metrics,
    newTrust: () => createWebhookTrust({ kube: cluster, config, clock, log: captured.log, metrics }),
    published: () => {
      const [first] = webhooksIn(cluster);
      return { caBundle: first?.caBundle ?? '', token: first?.path.split('/')[2] ?? '' };
    },
  };
}

describe('webhook trust', () => {
  it('is published after one look at a fresh installation', async () => {
    const { newTrust, published, metrics } = setUp();
    const trust = newTrust();
    const before = trust.isPublished();

    await trust.reconcile(SIGNAL);

    expect([before, trust.isPublished()]).toEqual([false, true]);
    expect(new X509Certificate(published().caBundle).ca).toBe(true);
    expect(published().token).toMatch(/^[0-9a-f]{64}$/);
    expect((await metrics.render()).text).toMatch(/latchkey_ca_expiry_timestamp_seconds 1\.?\d+/);
  });

  it('gives the validating webhook the same bundle and token, by a path of its own', async () => {
    const { newTrust, published, cluster } = setUp();

    await newTrust().reconcile(SIGNAL);

    const { caBundle, token } = published();
    expect(validatingWebhooksIn(cluster)).toMatchObject([{ caBundle, path: `/validate/${token}` }]);
  });

  it('publishes to the one configuration while the other cannot be written', async () => {
    const { newTrust, published, cluster, state } = setUp();
    state.refusesValidating = true;
    const trust = newTrust();

    await trust.reconcile(SIGNAL);

    expect(trust.isPublished()).toBe(false);
    expect(published().token).not.toBe('');
    expect(validatingWebhooksIn(cluster)).toMatchObject([{ path: '' }]);
  });

  it('makes no authority where certificates come from files', async () => {
    const { newTrust, published, cluster } = setUp({ tls: { mode: 'files', certFile: '/a', keyFile: '/b' } });
    const trust = newTrust();

    await trust.reconcile(SIGNAL);

    expect(trust.isPublished()).toBe(true);
    expect(published().caBundle).toBe('');
    expect(cluster.find('v1', 'Secret', 'latchkey-system', 'latchkey-ca')).toBeUndefined();
  });

  it('says that it is not published while the API server does not answer, and goes on', async () => {
    const { newTrust, state, captured } = setUp();
    const trust = newTrust();

    state.isDown = true;
    await trust.reconcile(SIGNAL);
    const during = trust.isPublished();
    state.isDown = false;
    await trust.reconcile(SIGNAL);

    expect([during, trust.isPublished()]).toEqual([false, true]);
    expect(captured.text()).toContain('CLUSTER_UNAVAILABLE');
  });

  it('looks again soon until it is published, then every ten seconds, until it no longer leads', async () => {
    const { newTrust, clock, state, cluster } = setUp();
    const requests = vi.spyOn(cluster, 'request');
    const leading = new AbortController();
    const trust = newTrust();
    state.isDown = true;

    const running = trust.run(leading.signal);
    await clock.advance(0);
    state.isDown = false;
    await clock.advance(2000);
    await vi.waitFor(() => expect(trust.isPublished()).toBe(true));
    await vi.waitFor(() => expect(clock.sleepers()).toBe(1));
    requests.mockClear();
    await clock.advance(9999);
    const early = requests.mock.calls.length;
    await clock.advance(1);
    const late = requests.mock.calls.length;
    leading.abort();
    await running;

    // Two Secrets and the two configurations.
    expect([early, late]).toEqual([0, 4]);
  });
});

/** What may happen in one step of fifteen seconds. */
const EVENT = record({
  isDown: seldom(10),
  leaderChanges: seldom(30),
  bundleIsEmptied: seldom(60),
  /** For how many steps the configuration cannot be written. */
  refusal: oneof({ weight: 40, arbitrary: constant(0) }, { weight: 1, arbitrary: integer({ min: 1, max: 20 }) }),
  /** Whether the replica that is mostly cut off can read now. */
  lateReplicaReads: seldom(30),
});

function seldom(once: number): Arbitrary<boolean> {
  return oneof({ weight: once - 1, arbitrary: constant(false) }, { weight: 1, arbitrary: constant(true) });
}

describe('rotation', () => {
  it('never lets an API server refuse a leaf, or a replica a path, that others still use', {
    timeout: 60_000,
  }, async () => {
    const steps = array(EVENT, { minLength: 500, maxLength: 500, size: 'max' });
    await assert(asyncProperty(steps, checkRotations), { numRuns: 5, endOnFailure: true });
  });
});

type StepEvent = typeof EVENT extends Arbitrary<infer E> ? E : never;

interface Leaf {
  readonly issuer: string;
  readonly notAfterMs: number;
}

/** API servers follow a change, and replicas look, this much later: just within the minute that rotations wait. */
const LATE_STEPS = 3;

async function checkRotations(events: readonly StepEvent[]): Promise<void> {
  const { clock, state, cluster, config, captured, newTrust, published } = setUp({
    tls: { caLifetime: '1h', leafLifetime: '5m' },
    webhook: { pathTokenLifetime: '10m' },
  });
  const namespace = config.namespace;
  const readCa = createCaReader({ kube: cluster, namespace, name: config.tls.caSecretName });
  const tokens = createPathTokens({ kube: cluster, namespace, name: config.webhook.pathTokenSecretName }, captured.log);
  // The first replica signs at every step; the second one only when it is not cut off.
  const leaves: (Leaf | undefined)[] = [undefined, undefined];
  let trust = newTrust();
  await trust.reconcile(SIGNAL);
  await tokens.refresh(SIGNAL);
  const history = [published()];
  let refusedSteps = 0;
  const authorities = new Set<string>();
  const paths = new Set<string>();

  for (const [step, event] of events.entries()) {
    await clock.advance(STEP_MS);
    if (event.leaderChanges) trust = newTrust();
    if (event.bundleIsEmptied) await dropBundle();
    refusedSteps = Math.max(refusedSteps - 1, event.refusal);
    Object.assign(state, { isDown: event.isDown, refusesPatches: refusedSteps > 0 });
    await trust.reconcile(SIGNAL);
    Object.assign(state, { isDown: false, refusesPatches: false });
    history.push(published());
    if (step % LATE_STEPS === 0) await tokens.refresh(SIGNAL);
    await renew(0);
    if (event.lateReplicaReads) await renew(1);

    const seen = history.at(-1 - LATE_STEPS) ?? history[0];
    for (const leaf of leaves) {
      const lives = leaf !== undefined && leaf.notAfterMs > clock.date().getTime();
      // A bundle that somebody emptied trusts nobody; that is mended, not prevented.
      const isTrusted = seen?.caBundle === '' || seen?.caBundle.includes(leaf?.issuer ?? '');
      expect(isTrusted || !lives).toBe(true);
    }
    expect(tokens.matches(seen?.token ?? '')).toBe(true);
    authorities.add(leaves[0]?.issuer ?? '');
    paths.add(seen?.token ?? '');
  }

  expect(authorities.size).toBeGreaterThan(1);
  expect(paths.size).toBeGreaterThan(3);

  async function renew(index: number): Promise<void> {
    const authority = await readCa(SIGNAL);
    if (authority === undefined) throw new Error('no authority');
    const nowMs = clock.date().getTime();
    const endMs = new X509Certificate(authority.certificatePem).validToDate.getTime();
    leaves[index] = { issuer: authority.certificatePem, notAfterMs: Math.min(nowMs + LEAF_LIFETIME_MS, endMs) };
  }

  async function dropBundle(): Promise<void> {
    await cluster.request({
      method: 'PATCH',
      path: CONFIGURATION_PATH,
      contentType: 'application/strategic-merge-patch+json',
      body: { webhooks: [{ name: 'pods.latchkey.dev', clientConfig: { caBundle: null } }] },
    });
  }
}
