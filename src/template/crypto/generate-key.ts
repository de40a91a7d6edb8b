import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Evaluation } from '../template-function.ts';
import { WORK } from './work.ts';

export type KeyKind = 'rsa2048' | 'rsa4096' | 'dsa' | 'ecdsa' | 'ed25519';

/** A new private key. Its randomness is OpenSSL's own. */
export function generateKey(kind: KeyKind, evaluation: Evaluation): KeyObject {
  switch (kind) {
    case 'rsa2048':
      evaluation.spend(WORK.rsa2048);
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    case 'rsa4096':
      evaluation.spend(WORK.rsa4096);
      return generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey;
    case 'dsa':
      evaluation.spend(WORK.dsa2048);
      return generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey;
    case 'ecdsa':
      evaluation.spend(WORK.curve);
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    case 'ed25519':
      evaluation.spend(WORK.curve);
      return generateKeyPairSync('ed25519').privateKey;
  }
}
