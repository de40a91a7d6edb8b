import { LatchkeyError } from '../../errors.ts';
import type { Definition } from '../../externalsecrets/definition.ts';
import type { ClassifiedStores } from '../../stores/definition-class.ts';
import type { NamespaceFacts } from '../../stores/store.ts';
import { failed, READ_BY_PODS, type Ready } from './ready.ts';

export interface DefinitionRules {
  /** `externalSecrets.namespaces` */
  readonly namespaces: 'optedIn' | 'all';
  readonly isOptedIn: (namespace: NamespaceFacts) => boolean;
}

/** Why an ExternalSecret of ours has nothing to sync, until something about it changes; `undefined` where it has. */
export function checkDefinition(
  definition: Definition,
  { missing, areReadByPods }: ClassifiedStores,
  namespace: NamespaceFacts | undefined,
  { namespaces, isOptedIn }: DefinitionRules,
): Ready | undefined {
  if (definition.problems.length > 0) return failed(invalid(definition));
  const [store] = missing;
  if (store !== undefined) {
    const place = store.kind === 'SecretStore' ? ` in namespace ${definition.namespace}` : '';
    const message = `${store.kind} "${store.name}" does not exist${place}`;
    const where = 'could not get secret data from provider';
    return failed(
      new LatchkeyError('STORE_NOT_FOUND', message, { where, hint: 'Create it, or correct the reference' }),
    );
  }
  if (namespaces === 'optedIn' && (namespace === undefined || !isOptedIn(namespace))) {
    return failed(
      new LatchkeyError('NAMESPACE_NOT_OPTED_IN', `namespace ${definition.namespace} has not opted in`, {
        hint: 'Label it latchkey.dev/inject=enabled, or configure externalSecrets.namespaces: all',
      }),
    );
  }
  return areReadByPods ? READ_BY_PODS : undefined;
}

function invalid({ problems }: Definition): LatchkeyError {
  return new LatchkeyError('EXTERNAL_SECRET_INVALID', `the ExternalSecret has mistakes: ${problems.join('; ')}`, {
    hint: 'Correct them',
  });
}
