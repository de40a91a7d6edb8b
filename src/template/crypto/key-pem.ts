import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { TemplateError } from '../template-error.ts';
import { bitsOf, bytesOf, decode, encode, integer, itemsOf, sequence } from './asn1.ts';
import { decodePem, encodePem } from './pem-block.ts';
import { parsePrivateKey, toPkcs8 } from './private-key.ts';

/** The first block of a text, in the format that its type names. */
export function parseKeyPem(text: string): KeyObject {
  const { block } = decodePem(text);
  if (block === undefined) throw new TemplateError('no PEM data in input');
  switch (block.type) {
    case 'PRIVATE KEY':
      return parsePrivateKey(block.bytes, 'pkcs8');
    case 'RSA PRIVATE KEY':
      return parsePrivateKey(block.bytes, 'pkcs1');
    case 'EC PRIVATE KEY':
      return parsePrivateKey(block.bytes, 'sec1');
    case 'DSA PRIVATE KEY':
      return parseDsaKey(block.bytes);
    default:
      throw new TemplateError('the PEM block is no private key of a known type');
  }
}

/** In the oldest format there is for the kind of key, as sprig writes it. */
export function keyPem(key: KeyObject): string {
  const type = key.asymmetricKeyType;
  if (type === 'rsa') return encodePem('RSA PRIVATE KEY', derOf(key, 'pkcs1'));
  if (type === 'ec') return encodePem('EC PRIVATE KEY', derOf(key, 'sec1'));
  if (type === 'dsa') return encodePem('DSA PRIVATE KEY', dsaDer(key));
  return encodePem('PRIVATE KEY', toPkcs8(key));
}

function derOf(key: KeyObject, type: 'pkcs1' | 'sec1'): string {
  return key.export({ format: 'der', type }).toString('latin1');
}

function parseDsaKey(der: string): KeyObject {
  try {
    return createPrivateKey(encodePem('DSA PRIVATE KEY', der));
  } catch {
    throw new TemplateError('malformed private key');
  }
}

/** OpenSSL's own format: version, p, q, g, y, x. Node writes PKCS#8 only, which has them in other places. */
function dsaDer(key: KeyObject): string {
  const [, algorithm, privateBytes] = itemsOf(decode(toPkcs8(key)));
  const [, parameters] = itemsOf(algorithm);
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('latin1');
  const y = decode(bitsOf(itemsOf(decode(spki))[1]));
  const x = decode(bytesOf(privateBytes));
  return encode(sequence(integer(0), ...itemsOf(parameters), y, x));
}
