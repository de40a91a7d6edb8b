import { createPrivateKey, type KeyObject } from 'node:crypto';
import { TemplateError } from '../template-error.ts';

const MAX_MODULUS_BITS = 8192; // one operation with 16384 takes a second

type DerType = 'pkcs1' | 'pkcs8' | 'sec1';

/** Whatever DER of the three it is, as External Secrets tries them. */
export function parseAnyPrivateKey(der: string): KeyObject {
  const types: readonly DerType[] = ['pkcs1', 'pkcs8', 'sec1'];
  const [key] = types.flatMap((type) => tryParse(der, type) ?? []);
  if (key === undefined) throw new TemplateError('unable to parse private key type');
  return key;
}

export function parsePrivateKey(der: string, type: DerType): KeyObject {
  const key = tryParse(der, type);
  if (key === undefined) throw new TemplateError('malformed private key');
  return key;
}

/** DER, as a byte string. */
export function toPkcs8(key: KeyObject): string {
  return key.export({ format: 'der', type: 'pkcs8' }).toString('latin1');
}

function tryParse(der: string, type: DerType): KeyObject | undefined {
  try {
    const key = createPrivateKey({ key: Buffer.from(der, 'latin1'), format: 'der', type });
    return (key.asymmetricKeyDetails?.modulusLength ?? 0) > MAX_MODULUS_BITS ? undefined : key;
  } catch {
    return undefined;
  }
}
