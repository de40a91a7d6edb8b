import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface KeyPair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** The plane's own certificate authority; it signs server and client certificates alike. */
export interface CertificateAuthority {
  readonly caPem: string;
  /** Good for a year from now, or for a day that is over. */
  server(names: readonly string[], options?: { readonly expired?: boolean }): Promise<KeyPair>;
  /** Kubernetes reads O as the groups and CN as the user. */
  client(commonName: string, organization?: string): Promise<KeyPair>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const EC = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

export async function createCertificateAuthority(name = 'latchkey-plane'): Promise<CertificateAuthority> {
  const root = await generate([{ name: 'commonName', value: name }], {
    ...EC,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  });
  const ca = { key: root.private, cert: root.cert };
  return {
    caPem: root.cert,
    async server(names, { expired = false } = {}) {
      const now = Date.now();
      const over = { notBeforeDate: new Date(now - 2 * DAY_MS), notAfterDate: new Date(now - DAY_MS) };
      const altNames = names.map((value) =>
        isIP(value) ? ({ type: 7, ip: value } as const) : ({ type: 2, value } as const),
      );
      const pair = await generate([{ name: 'commonName', value: names[0] ?? name }], {
        ...EC,
        ...(expired && over),
        ca,
        extensions: [
          { name: 'keyUsage', digitalSignature: true, critical: true },
          { name: 'extKeyUsage', serverAuth: true },
          { name: 'subjectAltName', altNames },
        ],
      });
      return { certificatePem: pair.cert, keyPem: pair.private };
    },
    async client(commonName, organization) {
      const subject = [{ name: 'commonName', value: commonName }];
      if (organization) subject.unshift({ name: 'organizationName', value: organization });
      const pair = await generate(subject, {
        ...EC,
        ca,
        extensions: [
          { name: 'keyUsage', digitalSignature: true, critical: true },
          { name: 'extKeyUsage', clientAuth: true },
        ],
      });
      return { certificatePem: pair.cert, keyPem: pair.private };
    },
  };
}

/** Writes NAME.crt and NAME.key; returns their paths. */
export async function writeKeyPair(directory: string, name: string, pair: KeyPair) {
  const certificate = join(directory, `${name}.crt`);
  const key = join(directory, `${name}.key`);
  await writeFile(certificate, pair.certificatePem);
  await writeFile(key, pair.keyPem, { mode: 0o600 });
  return { certificate, key };
}

/** The RSA key that signs ServiceAccount tokens; kube-apiserver publishes it as the issuer's JWKS. */
export async function writeServiceAccountKey(directory: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const path = join(directory, 'service-account.key');
  await writeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return path;
}
