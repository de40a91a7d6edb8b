import { parseDurationMs } from '../duration.ts';
import { type FieldProblem, Fields, isMapping } from '../fields.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { isDnsSubdomain } from '../references/kubernetes-names.ts';
import { readLabelSelector } from '../stores/label-selector.ts';
import { type NamedStore, namedStores } from '../stores/named-stores.ts';
import type { NamespaceFacts } from '../stores/store.ts';

/** A ClusterExternalSecret as it was read, `v1` or `v1beta1`. */
export interface ClusterDefinition {
  readonly apiVersion: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  /** Of the ExternalSecrets. */
  readonly externalSecretName: string;
  readonly labels: Readonly<Record<string, string>>;
  /** With `external-secrets.io/force-sync` where this object has it. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The ExternalSecrets' spec, as written. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly stores: readonly NamedStore[];
  /** How often the namespaces are looked at without any news; 0: never. */
  readonly refreshMs: number;
  /** What is wrong with it, each with its path. Such an object is not carried out. */
  readonly problems: readonly string[];
  readonly status: unknown;
  selects(namespace: NamespaceFacts): boolean;
}

const FORCE_SYNC = 'external-secrets.io/force-sync';
const DEFAULT_REFRESH_MS = 3_600_000;

export function parseClusterDefinition(object: KubeObject, apiVersion: string): ClusterDefinition {
  const { name, uid, generation = 0, annotations = {} } = object.metadata;
  const problems: FieldProblem[] = [];
  const fields = Fields.of(object['spec'], 'spec', problems);
  const metadata = fields.object('externalSecretMetadata');
  const force = annotations[FORCE_SYNC];
  const spec = readSpec(fields);
  return {
    apiVersion,
    name,
    uid,
    generation,
    externalSecretName: readName(fields) ?? name,
    labels: metadata?.textMap('labels') ?? {},
    annotations: { ...metadata?.textMap('annotations'), ...(force !== undefined && { [FORCE_SYNC]: force }) },
    spec,
    stores: namedStores(spec),
    refreshMs: readRefreshTime(fields),
    selects: readSelectors(fields),
    // Read last: the readers above have filled it.
    problems: problems.map(({ path, message }) => `${path}: ${message}`),
    status: object['status'],
  };
}

function readSpec(fields: Fields): Readonly<Record<string, unknown>> {
  const spec = fields.raw('externalSecretSpec');
  if (isMapping(spec)) return spec;
  fields.problem('externalSecretSpec', 'must be the spec of an ExternalSecret');
  return {};
}

function readName(fields: Fields): string | undefined {
  const name = fields.raw('externalSecretName');
  if (name === undefined || name === '') return undefined;
  if (typeof name === 'string' && isDnsSubdomain(name)) return name;
  fields.problem('externalSecretName', 'must be the name of an object, such as "database"');
  return undefined;
}

function readRefreshTime(fields: Fields): number {
  const text = fields.optionalText('refreshTime', { example: '1h' });
  if (text === undefined) return DEFAULT_REFRESH_MS;
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms >= 0) return ms;
  fields.problem('refreshTime', 'must be a duration such as "1h"');
  return DEFAULT_REFRESH_MS;
}

/** Any of the selectors, or the name. Without all of them, no namespace. */
function readSelectors(fields: Fields): ClusterDefinition['selects'] {
  const single = fields.object('namespaceSelector');
  const selectors = [...(single === undefined ? [] : [single]), ...fields.list('namespaceSelectors')];
  const matchers = selectors.map(readLabelSelector);
  const names = new Set(fields.texts('namespaces'));
  return ({ name, labels }) => names.has(name) || matchers.some((matches) => matches(labels));
}
