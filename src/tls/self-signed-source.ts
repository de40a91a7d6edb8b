import type { Clock } from '../kube/clock.ts';
import type { Log } from '../log.ts';
import type { CaReader } from './ca-secret.ts';
import { type CertificateSource, CurrentCertificate } from './certificate-source.ts';
import { signLeaf } from './leaf.ts';
import { startRepeating } from './repeat.ts';

/** How soon a new authority, or the time to renew, is noticed. Rotations wait much longer than this for every replica. */
const POLL_MS = 10_000;
const FIRST_POLL_MS = 1000;

export interface SelfSignedSourceDeps {
  readonly readCa: CaReader;
  /** DNS names and IP addresses of the certificate. */
  readonly names: readonly string[];
  readonly leafLifetimeMs: number;
  readonly clock: Pick<Clock, 'date' | 'sleep'>;
  readonly log: Log;
  /** Spreads the renewals of replicas. */
  readonly random?: () => number;
}

export interface SelfSignedSource extends Omit<CertificateSource, 'stop'> {
  /** One look at the authority, which happens by itself every ten seconds. */
  refresh(signal: AbortSignal): Promise<void>;
}

/**
 * A leaf of this replica's own, signed in memory by the authority in the Secret: renewed at two thirds of its life, and at
 * once when another authority signs. Each signing reads the authority first, so that nobody goes on signing with one that
 * was replaced; where it cannot be read, the leaf stays as it is until it expires.
 */
export function createSelfSignedSource(deps: SelfSignedSourceDeps): SelfSignedSource {
  const { readCa, names, leafLifetimeMs, clock, log, random = Math.random } = deps;
  const certificate = new CurrentCertificate(() => clock.date());
  let signedBy: string | undefined;
  let renewAtMs = 0;

  return {
    current: () => certificate.get(),
    onChange: (listener) => certificate.onChange(listener),
    isReady: () => certificate.isReady(),

    async refresh(signal) {
      try {
        await renewIfDue(signal);
      } catch (err) {
        if (!signal.aborted) log.warn({ err }, 'serving certificate not renewed, the one before stays');
      }
    },
  };

  async function renewIfDue(signal: AbortSignal): Promise<void> {
    const authority = await readCa(signal);
    if (authority === undefined) return log.debug({}, 'the certificate authority does not exist yet');
    const now = clock.date();
    if (authority.certificatePem === signedBy && now.getTime() < renewAtMs) return;

    const leaf = await signLeaf(authority, { names, lifetimeMs: leafLifetimeMs, now });
    signedBy = authority.certificatePem;
    // Up to a tenth early, so that replicas started together do not renew together.
    renewAtMs = now.getTime() + (leaf.notAfter.getTime() - now.getTime()) * (2 / 3) * (1 - random() / 10);
    certificate.replace(leaf);
  }
}

/** The same, kept up to date until stopped. */
export function startSelfSignedSource(deps: SelfSignedSourceDeps): CertificateSource {
  const source = createSelfSignedSource(deps);
  const repeating = startRepeating((signal) => source.refresh(signal), {
    clock: deps.clock,
    pauseMs: () => (source.isReady() ? POLL_MS : FIRST_POLL_MS),
  });
  return { ...source, ...repeating };
}
