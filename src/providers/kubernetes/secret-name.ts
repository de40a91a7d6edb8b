import { LatchkeyError } from '../../errors.ts';

const SECRET_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_LENGTH = 253;

/** Throws REF_INVALID for a key that is no name of a Secret, before it becomes part of a path or of a Role. */
export function checkSecretName(name: string): void {
  if (name.length <= MAX_LENGTH && SECRET_NAME.test(name)) return;
  throw new LatchkeyError('REF_INVALID', `the key ${JSON.stringify(name)} is no name of a Secret`, {
    hint: 'Write the name of the Secret as the key, and the key inside it as the property',
  });
}
