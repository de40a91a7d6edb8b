import { X509Certificate } from 'node:crypto';
import type { Clock } from '../kube/clock.ts';
import type { Log } from '../log.ts';
import { caFormat, type TrustedAuthority } from './ca-secret.ts';
import { createCertificateAuthority, isDueForRenewal } from './certificate-authority.ts';
import type { OwnSecretPlace } from './own-secret.ts';
import { createRotatingSecret, type RotatingSecret } from './rotating-secret.ts';
import type { Generation, Rotation } from './rotation.ts';

export interface CaKeeperDeps {
  readonly place: OwnSecretPlace;
  readonly clock: Pick<Clock, 'date'>;
  readonly log: Log;
  readonly caLifetimeMs: number;
  readonly leafLifetimeMs: number;
  /** Must exceed what API servers take to follow a changed configuration, and replicas a changed Secret. */
  readonly spreadMs: number;
  /** Since when the webhook configuration holds exactly the bundle of this rotation; undefined where it is not known to. */
  readonly publishedSince: (rotation: Rotation<TrustedAuthority>) => Date | undefined;
}

/**
 * The certificate authority in its Secret. A new one signs only after the configuration has been seen to trust it for
 * `spreadMs`. The old one is trusted for one lifetime of a leaf after it was replaced: replicas read the Secret each time
 * they sign, so no leaf of the old one begins later.
 */
export function createCaKeeper(deps: CaKeeperDeps): RotatingSecret<TrustedAuthority> {
  const { place, clock, log, caLifetimeMs, leafLifetimeMs, spreadMs, publishedSince } = deps;
  return createRotatingSecret<TrustedAuthority>({
    place,
    clock,
    log,
    format: caFormat,
    spreadMs,
    generate: (now) => createCertificateAuthority(caLifetimeMs, now),
    evidence: (rotation, now) => ({
      isDue: isDueForRenewal(rotation.current.value.certificatePem, now),
      acceptedSince: publishedSince(rotation),
      isSpent: rotation.previous !== undefined && now.getTime() >= lastLeafEndMs(rotation.previous),
    }),
  });

  /** No leaf outlives its authority, and none was signed by it long after it was replaced. */
  function lastLeafEndMs({ value, since }: Generation<TrustedAuthority>): number {
    const authorityEndMs = new X509Certificate(value.certificatePem).validToDate.getTime();
    return Math.min(authorityEndMs, since.getTime() + leafLifetimeMs + spreadMs);
  }
}
