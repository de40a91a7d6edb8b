import type { Clock } from '../kube/clock.ts';
import { durationMs } from '../config.ts';
import { createCaReader } from '../tls/ca-secret.ts';
import { serviceNames } from '../tls/leaf.ts';
import type { CertificateSource } from '../tls/certificate-source.ts';
import { startFileSource } from '../tls/file-source.ts';
import { startSelfSignedSource } from '../tls/self-signed-source.ts';
import type { ProcessContext } from './process.ts';

/** The serving certificate as `tls.mode` says: of our own authority, or from files that somebody mounts. */
export async function startCertificates(
  { config, client, log }: ProcessContext,
  clock: Clock,
): Promise<CertificateSource> {
  const { namespace, tls } = config;
  if (tls.mode === 'files') {
    return startFileSource({ certFile: tls.certFile ?? '', keyFile: tls.keyFile ?? '', log, clock });
  }
  return startSelfSignedSource({
    readCa: createCaReader({ kube: client, namespace, name: tls.caSecretName }),
    names: serviceNames(tls.serviceName, namespace, tls.extraNames),
    leafLifetimeMs: durationMs(tls.leafLifetime),
    clock,
    log,
  });
}
