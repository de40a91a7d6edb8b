import { LatchkeyError } from '../errors.ts';
import type { Content } from './content.ts';

const MAX_BYTES = 253;
/** As External Secrets has it, letters and numbers of any script: a template may still take them up. */
const FOREIGN = /[^\p{L}\p{N}._-]/u;
/** What the API server takes. */
const SECRET_KEY = /^(?!\.$|\.\.)[-._a-zA-Z0-9]{1,253}$/;
const MAX_SHOWN = 80;
const REWRITE_HINT = 'Use rewrite or a conversionStrategy to change the keys';

/** What was read, without empty keys: a rewrite drops by them. Throws VALUE_INVALID for keys that could not be converted. */
export function checkKeys(content: Content): Content {
  for (const key of content.keys()) {
    if (Buffer.byteLength(key) > MAX_BYTES) {
      throw new LatchkeyError(
        'VALUE_INVALID',
        `key has length ${Buffer.byteLength(key)} but max is 253: ${shown(key)}`,
        {
          hint: REWRITE_HINT,
        },
      );
    }
    const foreign = FOREIGN.exec(key)?.[0];
    if (foreign === undefined) continue;
    throw new LatchkeyError(
      'VALUE_INVALID',
      `key has invalid character ${foreign}, only alphanumeric, '-', '.' and '_' are allowed: ${shown(key)}`,
      { hint: REWRITE_HINT },
    );
  }
  return content.has('') ? new Map([...content].filter(([key]) => key !== '')) : content;
}

/** Throws VALUE_INVALID for a key that the API server would refuse, with the whole Secret. */
export function checkSecretKeys(content: Content): void {
  for (const key of content.keys()) {
    if (SECRET_KEY.test(key)) continue;
    throw new LatchkeyError('VALUE_INVALID', `a Secret cannot have the key "${shown(key)}"`, {
      hint: "Use letters a-z, digits, '-', '.' and '_'; rewrite and template can change keys",
    });
  }
}

function shown(key: string): string {
  return key.length > MAX_SHOWN ? `${key.slice(0, MAX_SHOWN)}…` : key;
}
