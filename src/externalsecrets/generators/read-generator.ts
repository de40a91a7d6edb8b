import { LatchkeyError } from '../../errors.ts';
import { Fields, isMapping } from '../../fields.ts';
import type { Call } from '../../identity/store-identity.ts';
import { type KubeClient, KubeError } from '../../kube/client.ts';
import { apiPath } from '../../kube/paths.ts';
import type { GeneratorReference } from '../definition.ts';

/** A generator as it stands in the cluster; that of a ClusterGenerator as if it stood in the namespace. */
export interface StoredGenerator {
  readonly kind: string;
  readonly spec: Fields;
}

const GROUP = 'generators.external-secrets.io';
const VERSION = `${GROUP}/v1alpha1`;
const CLUSTER_KIND = 'ClusterGenerator';

/** For messages. */
export function titleOf({ kind, name }: GeneratorReference): string {
  return `${kind} "${name}"`;
}

/** Throws EXTERNAL_SECRET_INVALID where there is no such generator or we may not read it, or CLUSTER_UNAVAILABLE. */
export async function readGenerator(
  kube: Pick<KubeClient, 'request'>,
  reference: GeneratorReference,
  namespace: string,
  { signal }: Call,
): Promise<StoredGenerator> {
  if (reference.apiVersion !== VERSION) {
    throw new LatchkeyError('EXTERNAL_SECRET_INVALID', `generatorRef names the apiVersion "${reference.apiVersion}"`, {
      hint: `Write ${VERSION}`,
    });
  }
  const isCluster = reference.kind === CLUSTER_KIND;
  const place = { ...(!isCluster && { namespace }), name: reference.name };
  const path = apiPath({ apiVersion: VERSION, plural: pluralOf(reference) }, place);
  try {
    const object = await kube.request({ method: 'GET', path, signal });
    const spec = Fields.of((isMapping(object) ? object['spec'] : undefined) ?? {}, 'spec');
    return isCluster ? unwrap(spec) : { kind: reference.kind, spec };
  } catch (error) {
    throw fromKubeError(error, reference, namespace);
  }
}

function pluralOf({ kind }: GeneratorReference): string {
  return `${kind.toLowerCase()}s`;
}

/** `spec.kind: Password` with `spec.generator.passwordSpec`. */
function unwrap(spec: Fields): StoredGenerator {
  const kind = spec.text('kind', { example: 'Password' });
  const field = `${kind.toLowerCase()}Spec`;
  const inner = spec.object('generator')?.object(field);
  if (inner === undefined) spec.problem('generator', `must hold ${field} for the kind ${kind}`);
  return { kind, spec: inner ?? spec };
}

function fromKubeError(error: unknown, reference: GeneratorReference, namespace: string): LatchkeyError {
  const title = titleOf(reference);
  const place = reference.kind === CLUSTER_KIND ? '' : ` in namespace "${namespace}"`;
  switch (error instanceof KubeError ? error.status : 0) {
    case 403:
      return new LatchkeyError('EXTERNAL_SECRET_INVALID', `${title} may not be read by Latchkey`, {
        hint: `Bind Latchkey's ServiceAccounts to a Role with verb get on ${pluralOf(reference)}.${GROUP}`,
        cause: error,
      });
    case 404:
      return new LatchkeyError('EXTERNAL_SECRET_INVALID', `${title} does not exist${place}`, {
        hint: 'Create it, or correct the generatorRef',
        cause: error,
      });
    default:
      return new LatchkeyError('CLUSTER_UNAVAILABLE', `${title} could not be read from the API server`, {
        cause: error,
      });
  }
}
