import { LatchkeyError } from '../../errors.ts';
import type { RemoteRef } from '../provider.ts';
import type { ObjectKind } from './scene.ts';

export interface ObjectName {
  readonly kind: ObjectKind;
  readonly name: string;
  readonly version: string | undefined;
}

const KINDS: Readonly<Record<string, ObjectKind>> = { secret: 'secret', key: 'key', cert: 'certificate' };
const NAME = /^[0-9A-Za-z-]{1,127}$/;

/** Reads `NAME`, `secret/NAME`, `key/NAME` and `cert/NAME`. Throws REF_INVALID for what names no object. */
export function parseObjectName({ key, version }: RemoteRef): ObjectName {
  const [first = '', second, ...rest] = key.split('/');
  const [prefix, name] = second === undefined ? ['secret', first] : [first, second];
  const kind = Object.hasOwn(KINDS, prefix) ? KINDS[prefix] : undefined;
  if (kind === undefined || rest.length > 0) {
    throw invalid(
      `the key ${JSON.stringify(key)} names no object of a vault`,
      'Write NAME, secret/NAME, key/NAME or cert/NAME',
    );
  }
  if (!NAME.test(name)) {
    throw invalid(
      `${JSON.stringify(name)} is no name of a ${kind}`,
      'Names have letters, digits and "-" only, 127 at most',
    );
  }
  if (version !== undefined && !NAME.test(version)) {
    throw invalid(
      `${JSON.stringify(version)} is no version of a ${kind}`,
      'Write the 32 digits that end its identifier',
    );
  }
  return { kind, name, version };
}

function invalid(message: string, hint: string): LatchkeyError {
  return new LatchkeyError('REF_INVALID', message, { hint });
}
