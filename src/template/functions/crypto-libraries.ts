import type * as bcrypt from 'bcryptjs';
import type forge from 'node-forge';

/** What the crypto functions take from packages: ASN.1 and RC2 (forge), bcrypt. All else is node:crypto. */
export interface CryptoLibraries {
  readonly forge: typeof forge;
  readonly bcrypt: typeof bcrypt;
}

let loaded: CryptoLibraries | undefined;

/** Loads what the functions need, once. Template functions are synchronous, so this is awaited before a template is rendered. */
export async function loadCryptoLibraries(): Promise<void> {
  if (loaded !== undefined) return;
  const [forgeModule, bcryptModule] = await Promise.all([import('node-forge'), import('bcryptjs')]);
  loaded = { forge: forgeModule.default, bcrypt: bcryptModule };
}

export function cryptoLibraries(): CryptoLibraries {
  if (loaded === undefined) throw new Error('loadCryptoLibraries was not awaited');
  return loaded;
}
