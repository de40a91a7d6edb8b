import { createPrivateKey, type KeyObject } from 'node:crypto';
import { TemplateError } from '../template-error.ts';

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
    return createPrivateKey({ key: Buffer.from(der, 'latin1'), format: 'der', type });
  } catch {
    return undefined;
  }
}
