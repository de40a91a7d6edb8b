import { isUtf8 } from 'node:buffer';
import { LatchkeyError } from '../errors.ts';
import type { SecretValue } from '../secret-value.ts';

/** Linux' MAX_ARG_STRLEN: with a longer `NAME=value` a container does not start. */
export const MAX_VARIABLE_BYTES = 128 * 1024;
/** Kubernetes' own bound on the sum of a Secret's values. */
export const MAX_SECRET_BYTES = 1024 * 1024;

/** Refuses what no variable can carry. Throws VALUE_INVALID or VALUE_TOO_LARGE, with sizes and without the value. */
export function checkVariable(name: string, value: SecretValue): void {
  if (value.expose().includes(0)) {
    throw new LatchkeyError('VALUE_INVALID', `the value of ${name} holds a NUL byte, which no variable can carry`, {
      hint: 'Store it base64-encoded, and let the program decode it',
    });
  }
  if (name.length + value.size + 2 > MAX_VARIABLE_BYTES) {
    throw new LatchkeyError(
      'VALUE_TOO_LARGE',
      `the value of ${name} has ${value.size} bytes; a variable holds at most ${MAX_VARIABLE_BYTES} with its name`,
      { hint: 'Select a property of it' },
    );
  }
}

/** Refuses a Secret that the API server would refuse, naming its largest keys. */
export function checkSecretSize(data: ReadonlyMap<string, SecretValue>): void {
  const total = [...data.values()].reduce((sum, value) => sum + value.size, 0);
  if (total <= MAX_SECRET_BYTES) return;
  const largest = [...data].toSorted(([, a], [, b]) => b.size - a.size).slice(0, 3);
  const sizes = largest.map(([key, value]) => `${key} ${value.size}`).join(', ');
  throw new LatchkeyError(
    'VALUE_TOO_LARGE',
    `the values have ${total} bytes together (largest: ${sizes}); a Secret holds at most ${MAX_SECRET_BYTES}`,
    { hint: 'Select properties instead of whole secrets' },
  );
}

/** Containers get such bytes as they are, but few programs expect them in a variable. */
export function notUtf8Warning(value: SecretValue): string | undefined {
  return isUtf8(value.expose()) ? undefined : 'the value is not UTF-8 text; few programs expect that of a variable';
}
