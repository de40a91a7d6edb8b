import { X509Certificate } from 'node:crypto';
import { LatchkeyError } from '../errors.ts';
import type { Fields } from '../fields.ts';
import type { Call, SecretKeySelector, StoreIdentity } from './provider.ts';
import { readSelector } from './selector.ts';

/** The authority of a store: PEM in the store itself, or where it lies; absent: the system's authorities. */
export type CaSource = string | SecretKeySelector | undefined;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Reads `caBundle`, else `caProvider`. */
export function readCaSource(fields: Fields): CaSource {
  const caProvider = fields.object('caProvider');
  const selector =
    caProvider &&
    readSelector(caProvider, { kind: caProvider.oneOf('type', ['Secret', 'ConfigMap'], 'Secret'), key: 'ca.crt' });
  const text = fields.optionalText('caBundle', { example: '-----BEGIN CERTIFICATE-----…' });
  if (text === undefined) return selector;

  const pem = toPem(text);
  if (pem === undefined) fields.problem('caBundle', 'must be PEM certificates, or PEM certificates in base64');
  return pem ?? selector;
}

/** The part of a store's `needs` that is about its authority. */
export function caBundlesOf(ca: CaSource): readonly SecretKeySelector[] {
  return typeof ca === 'object' ? [ca] : [];
}

/** The authority as PEM. */
export async function loadCa(ca: CaSource, identity: StoreIdentity, call: Call): Promise<string | undefined> {
  if (typeof ca !== 'object') return ca;
  const pem = toPem((await identity.credential(ca, call)).exposeText());
  if (pem !== undefined) return pem;
  throw new LatchkeyError('STORE_INVALID', `the key ${ca.key} of ${ca.kind} ${ca.name} holds no PEM certificates`, {
    hint: "Correct the store's caProvider, or what it names",
  });
}

/** PEM certificates out of PEM, or of PEM in base64 as the API server stores bytes; undefined where there are none. */
export function toPem(text: string): string | undefined {
  const plain = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('latin1');
  const blocks = plain.match(CERTIFICATE) ?? [];
  return blocks.length > 0 && blocks.every(isCertificate) ? blocks.join('\n') : undefined;
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}
