import { LatchkeyError } from '../../errors.ts';
import { errorsOf, integerOf, mentions, metadataOf, warns } from './answer.ts';
import type { HttpAnswer } from './http.ts';
import type { KvVersion, SecretPath } from './paths.ts';
import { inNamespace, notVault, type PathStep, type Scene } from './scene.ts';

/** What a 404 means: a secret that is not there, or a store that asks in the wrong place. */
export function absent(answer: HttpAnswer, step: PathStep, scene: Scene): LatchkeyError {
  const { path, secret, version } = step;
  const where = inNamespace(scene.namespace);
  if (mentions(answer, 'namespace not found')) {
    return storeMistake(`Vault has no namespace "${scene.namespace}"`, 'Correct spec.provider.vault.namespace');
  }
  if (mentions(answer, 'no handler for route', 'unsupported path')) {
    const hint = 'Correct spec.provider.vault.path, or the first part of the key where the store has no path';
    return storeMistake(`Vault has nothing mounted at "${secret.mount.join('/')}"${where}`, hint);
  }
  if (warns(answer, 'versioned k/v')) return wrongVersion(secret, 'v2', scene);

  const lost = lostVersion(answer, step);
  if (lost !== undefined) return lost;
  // An empty list is what Vault says, and only Vault says, of a path that the caller may read and that holds nothing.
  if (errorsOf(answer)?.length !== 0) return notVault(answer, scene);
  const what = version === undefined ? `"${path}"` : `version ${version} of "${path}"`;
  return new LatchkeyError('SECRET_NOT_FOUND', `${what} does not exist in Vault${where}`, {
    hint: "Write it, correct the key, or set spec.provider.vault.version to the KV engine's",
  });
}

/** The KV engine is of the version that the store does not say. */
export function wrongVersion({ mount }: SecretPath, engine: KvVersion, { namespace }: Scene): LatchkeyError {
  const message = `the KV engine at "${mount.join('/')}" is of version ${engine}${inNamespace(namespace)}`;
  return storeMistake(message, `Set spec.provider.vault.version: ${engine}`);
}

/** KV version 2 tells with its 404 which version was deleted or destroyed, and when. */
function lostVersion(answer: HttpAnswer, { path, secret }: PathStep): LatchkeyError | undefined {
  const metadata = metadataOf(answer);
  if (metadata === undefined) return undefined;
  const number = integerOf(metadata['version']) ?? 'N';
  if (metadata['destroyed'] === true) {
    return new LatchkeyError('SECRET_NOT_FOUND', `version ${number} of "${path}" was destroyed`, {
      hint: 'It cannot be restored: write a new version, or ask for another one',
    });
  }
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(String(metadata['deletion_time']))?.[0];
  const deleted = time === undefined ? 'deleted' : `deleted at ${time}Z`;
  return new LatchkeyError('SECRET_NOT_FOUND', `version ${number} of "${path}" was ${deleted}`, {
    hint: `Write a new version, or restore it: vault kv undelete -mount=${secret.mount.join('/')} -versions=${number} ${secret.name.join('/')}`,
  });
}

function storeMistake(message: string, hint: string): LatchkeyError {
  return new LatchkeyError('STORE_INVALID', message, { hint });
}
