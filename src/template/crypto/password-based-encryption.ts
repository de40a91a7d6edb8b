import { createCipheriv, createDecipheriv } from 'node:crypto';
import { cryptoLibraries } from '../functions/crypto-libraries.ts';
import { TemplateError } from '../template-error.ts';
import type { Evaluation } from '../template-function.ts';
import { type Asn1, bytesOf, itemsOf, numberOf, octets, oid, oidOf, sequence } from './asn1.ts';
import { derivePbkdf2Key, pbkdf2Algorithm } from './pbkdf2.ts';
import { derivePkcs12Key, type KeyPurpose, type Pkcs12Password } from './pkcs12-password.ts';

const PBES2 = '1.2.840.113549.1.5.13';
const AES256_CBC = '2.16.840.1.101.3.4.1.42';

/** Ciphers that PKCS#12 derives keys for by itself. Node has no RC2 any more. */
const PKCS12_CIPHERS: Readonly<Record<string, { readonly cipher: 'des-ede3-cbc' | 'rc2'; readonly keyBytes: number }>> =
  {
    '1.2.840.113549.1.12.1.3': { cipher: 'des-ede3-cbc', keyBytes: 24 },
    '1.2.840.113549.1.12.1.5': { cipher: 'rc2', keyBytes: 16 },
    '1.2.840.113549.1.12.1.6': { cipher: 'rc2', keyBytes: 5 },
  };
const LEGACY_IV_BYTES = 8;

const PBES2_CIPHERS: Readonly<Record<string, { readonly cipher: string; readonly keyBytes: number }>> = {
  '1.2.840.113549.3.7': { cipher: 'des-ede3-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.2': { cipher: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { cipher: 'aes-192-cbc', keyBytes: 24 },
  [AES256_CBC]: { cipher: 'aes-256-cbc', keyBytes: 32 },
};

/** `algorithm` is the AlgorithmIdentifier beside the encrypted bytes. Throws where the password does not fit. */
export function decryptWithPassword(
  algorithm: Asn1 | undefined,
  encrypted: string,
  password: Pkcs12Password,
  evaluation: Evaluation,
): string {
  const [id, parameters] = itemsOf(algorithm);
  const name = oidOf(id);
  if (name === PBES2) return decryptPbes2(parameters, encrypted, password, evaluation);

  const legacy = PKCS12_CIPHERS[name];
  if (legacy === undefined) throw new TemplateError('pkcs12: the encryption is not supported');
  const [salt, iterations] = itemsOf(parameters);
  const derive = (purpose: KeyPurpose, size: number) =>
    derivePkcs12Key(
      password,
      { purpose, hash: 'sha1', salt: bytesOf(salt), iterations: numberOf(iterations), size },
      evaluation,
    );
  const key = derive('key', legacy.keyBytes);
  const iv = derive('iv', LEGACY_IV_BYTES);
  return legacy.cipher === 'rc2' ? decryptRc2(key, iv, encrypted) : decryptWith(legacy.cipher, key, iv, encrypted);
}

/** By PBES2, with AES-256 and PBKDF2 over SHA-256: what go-pkcs12 calls modern and OpenSSL 3 reads. */
export function encryptWithPassword(
  plain: string,
  password: Pkcs12Password,
  detail: { readonly salt: string; readonly iv: string; readonly iterations: number },
  evaluation: Evaluation,
): { readonly algorithm: Asn1; readonly encrypted: string } {
  const derivation = pbkdf2Algorithm(detail.salt, detail.iterations);
  const key = derivePbkdf2Key(password, derivation, 32, evaluation);
  const cipher = createCipheriv('aes-256-cbc', key, Buffer.from(detail.iv, 'latin1'));
  const encrypted = cipher.update(plain, 'latin1', 'latin1') + cipher.final('latin1');
  const scheme = sequence(oid(AES256_CBC), octets(detail.iv));
  return { algorithm: sequence(oid(PBES2), sequence(derivation, scheme)), encrypted };
}

function decryptPbes2(
  parameters: Asn1 | undefined,
  encrypted: string,
  password: Pkcs12Password,
  evaluation: Evaluation,
): string {
  const [derivation, scheme] = itemsOf(parameters);
  const [id, iv] = itemsOf(scheme);
  const found = PBES2_CIPHERS[oidOf(id)];
  if (found === undefined) throw new TemplateError('pkcs12: the cipher is not supported');
  const key = derivePbkdf2Key(password, derivation, found.keyBytes, evaluation);
  return decryptWith(found.cipher, key.toString('latin1'), bytesOf(iv), encrypted);
}

function decryptWith(cipher: string, key: string, iv: string, encrypted: string): string {
  try {
    const decipher = createDecipheriv(cipher, Buffer.from(key, 'latin1'), Buffer.from(iv, 'latin1'));
    return decipher.update(encrypted, 'latin1', 'latin1') + decipher.final('latin1');
  } catch {
    throw undecipherable();
  }
}

function decryptRc2(key: string, iv: string, encrypted: string): string {
  const { forge } = cryptoLibraries();
  const cipher = forge.rc2.createDecryptionCipher(key, key.length * 8);
  cipher.start(iv);
  cipher.update(forge.util.createBuffer(encrypted));
  if (!cipher.finish()) throw undecipherable();
  return cipher.output.getBytes();
}

function undecipherable(): TemplateError {
  return new TemplateError('pkcs12: decryption error, incorrect padding');
}
