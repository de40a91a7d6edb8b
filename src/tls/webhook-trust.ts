import { X509Certificate } from 'node:crypto';
import { type Config, durationMs } from '../config.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { createCaKeeper } from './ca-keeper.ts';
import { caBundleOf } from './ca-secret.ts';
import { createPathTokenKeeper } from './path-token.ts';
import { repeat } from './repeat.ts';
import { MUTATING, pathFor, VALIDATING } from './webhook-configuration.ts';
import { createWebhookPublisher } from './webhook-publisher.ts';

const CHECK_MS = 10_000;
const RETRY_MS = 2000;

export interface WebhookTrustDeps {
  readonly kube: KubeClient;
  readonly config: Pick<Config, 'namespace' | 'tls' | 'webhook'>;
  readonly clock: Pick<Clock, 'date' | 'sleep'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Certificate authority, path token and both webhook configurations, kept right together by whoever leads. */
export interface WebhookTrust {
  /** Looks every ten seconds, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** One look, in which each of the three goes on by one step at most. */
  reconcile(signal: AbortSignal): Promise<void>;
  /** Whether API servers could call us when it was last looked at. */
  isPublished(): boolean;
}

export function createWebhookTrust(deps: WebhookTrustDeps): WebhookTrust {
  const { kube, config, clock, log, metrics } = deps;
  const { namespace, tls, webhook } = config;
  const spreadMs = durationMs(tls.rotationSpread);
  const { configurationName } = webhook;
  const published = [MUTATING, VALIDATING].map((registration) => ({
    registration,
    publisher: createWebhookPublisher({ kube, registration, configurationName, clock, log }),
  }));
  const authority = createCaKeeper({
    place: { kube, namespace, name: tls.caSecretName },
    clock,
    log,
    caLifetimeMs: durationMs(tls.caLifetime),
    leafLifetimeMs: durationMs(tls.leafLifetime),
    spreadMs,
    publishedSince(rotation) {
      const caBundle = caBundleOf(rotation);
      return latest(published.map(({ publisher }) => publisher.publishedSince('caBundle', caBundle)));
    },
  });
  const pathToken = createPathTokenKeeper({
    place: { kube, namespace, name: webhook.pathTokenSecretName },
    clock,
    log,
    lifetimeMs: durationMs(webhook.pathTokenLifetime),
    spreadMs,
    publishedSince: (token) =>
      latest(
        published.map(({ publisher, registration }) => publisher.publishedSince('path', pathFor(registration, token))),
      ),
  });
  const expiry = metrics.gauge({
    name: 'latchkey_ca_expiry_timestamp_seconds',
    help: 'When the certificate authority that signs now expires',
  });
  let isPublished = false;

  return { run, reconcile, isPublished: () => isPublished };

  function run(signal: AbortSignal): Promise<void> {
    return repeat(reconcile, { clock, signal, pauseMs: () => (isPublished ? CHECK_MS : RETRY_MS) });
  }

  async function reconcile(signal: AbortSignal): Promise<void> {
    try {
      const caBundle = tls.mode === 'self-signed' ? await keepAuthority(signal) : undefined;
      const { current } = await pathToken.reconcile(signal);
      isPublished = await publish(caBundle, current.value, signal);
    } catch (err) {
      isPublished = false;
      if (!signal.aborted) log.warn({ err }, 'webhook configuration not confirmed');
    }
  }

  /** Trouble with one of the two keeps the other right nonetheless. */
  async function publish(caBundle: string | undefined, token: string, signal: AbortSignal): Promise<boolean> {
    const outcomes = await Promise.allSettled(
      published.map(({ publisher, registration }) => {
        const path = pathFor(registration, token);
        return publisher.reconcile(caBundle === undefined ? { path } : { caBundle, path }, signal);
      }),
    );
    const failed = outcomes.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return outcomes.every((outcome) => outcome.status === 'fulfilled' && outcome.value);
  }

  async function keepAuthority(signal: AbortSignal): Promise<string> {
    const rotation = await authority.reconcile(signal);
    expiry.set(new X509Certificate(rotation.current.value.certificatePem).validToDate.getTime() / 1000);
    return caBundleOf(rotation);
  }
}

/** Published is what all of them hold. */
function latest(dates: readonly (Date | undefined)[]): Date | undefined {
  const known = dates.filter((date) => date !== undefined);
  return known.length < dates.length ? undefined : new Date(Math.max(...known.map((date) => date.getTime())));
}
