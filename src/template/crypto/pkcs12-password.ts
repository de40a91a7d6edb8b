import { cryptoLibraries } from '../functions/crypto-libraries.ts';
import type { Evaluation } from '../template-function.ts';
import { spendOnIterations } from './work.ts';

/** What PKCS#12's own key derivation makes, and its hash functions. */
export type KeyPurpose = 'key' | 'iv' | 'mac';
export type Pkcs12Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

const PURPOSE_IDS = { key: 1, iv: 2, mac: 3 } as const satisfies Record<KeyPurpose, number>; // RFC 7292, B.3

/**
 * A password as PKCS#12 takes it: in UTF-16 for its own derivation, in UTF-8 for PBES2. Where it is empty, programs do not
 * agree whether the derivation gets two zero bytes or nothing at all: `isAbsent` is the latter.
 */
export interface Pkcs12Password {
  /** In UTF-8, as a byte string. */
  readonly bytes: string;
  readonly isAbsent?: boolean;
}

/** RFC 7292, appendix B.2. A byte string of `size` bytes. */
export function derivePkcs12Key(
  password: Pkcs12Password,
  detail: {
    readonly purpose: KeyPurpose;
    readonly hash: Pkcs12Hash;
    readonly salt: string;
    readonly iterations: number;
    readonly size: number;
  },
  evaluation: Evaluation,
): string {
  spendOnIterations(evaluation, detail.iterations);
  const { forge } = cryptoLibraries();
  const text = Buffer.from(password.bytes, 'latin1').toString('utf8');
  return forge.pkcs12
    .generateKey(
      password.isAbsent === true ? null : text,
      forge.util.createBuffer(detail.salt),
      PURPOSE_IDS[detail.purpose],
      detail.iterations,
      detail.size,
      forge.md[detail.hash].create(),
    )
    .getBytes();
}
