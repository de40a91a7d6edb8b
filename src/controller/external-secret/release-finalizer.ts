import type { Definition } from '../../externalsecrets/definition.ts';
import type { Call } from '../../identity/store-identity.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isConflict, isNotFound, kubeErrorFacts } from '../../kube/kube-error.ts';
import { apiPath } from '../../kube/paths.ts';
import { jsonPatch } from '../../kube/server-side-apply.ts';
import type { Log } from '../../log.ts';

const FINALIZER = 'externalsecrets.external-secrets.io/externalsecret-cleanup';

/**
 * Lets go of a definition that is being deleted and that External Secrets held before it was ours: nobody else would. Its
 * Secret goes by its owner reference.
 */
export async function releaseFinalizer(
  client: KubeClient,
  definition: Definition,
  log: Log,
  call: Call,
): Promise<void> {
  const { apiVersion, namespace, name, heldBy = [] } = definition;
  const index = heldBy.indexOf(FINALIZER);
  if (index === -1) return;
  const path = apiPath({ apiVersion, plural: 'externalsecrets' }, { namespace, name });
  const operations = [
    { op: 'test', path: `/metadata/finalizers/${index}`, value: FINALIZER },
    { op: 'remove', path: `/metadata/finalizers/${index}` },
  ];
  try {
    await jsonPatch(client, path, operations, { fieldManager: 'latchkey-external-secret', signal: call.signal });
  } catch (error) {
    if (isNotFound(error) || isConflict(error)) return;
    log.warn(
      { namespace, externalSecret: name, answer: kubeErrorFacts(error) },
      'finalizer of External Secrets not removed',
    );
    throw error;
  }
}
