import { isMapping } from '../fields.ts';
import { pointer } from './json-patch.ts';
import type { ObjectReference } from './plan.ts';

export type ContainerList = 'initContainers' | 'containers' | 'ephemeralContainers';

/** What planning reads of a Pod, with the indices its patch needs. Unknown fields stay in the raw object, untouched. */
export interface PodView {
  /** Empty with `generateName`. */
  readonly name: string;
  readonly serviceAccountName: string;
  /** Undefined where the Pod has none, which decides how a patch adds one. */
  readonly labels: Readonly<Record<string, unknown>> | undefined;
  readonly annotations: Readonly<Record<string, unknown>> | undefined;
  /** The owner with `controller: true`. */
  readonly controller: ObjectReference | undefined;
  readonly containers: readonly ContainerView[];
  /** Where the Pod itself takes a Secret: volumes, sources of projected volumes, and what images are pulled with. */
  readonly secretPlaces: readonly SecretPlace[];
}

export interface ContainerView {
  readonly list: ContainerList;
  readonly index: number;
  readonly name: string;
  readonly env: readonly EnvView[] | undefined;
  /** The Secrets that `envFrom` takes whole; `undefined` in the list for other kinds. */
  readonly envFrom: readonly (SecretView | undefined)[] | undefined;
}

export interface SecretView {
  readonly name: string;
  readonly optional: boolean;
}

export interface EnvView {
  readonly name: string;
  readonly value: string | undefined;
  readonly secretKeyRef: (SecretView & { readonly key: string }) | undefined;
}

export interface SecretPlace extends SecretView {
  /** JSON pointer of the Secret's name. */
  readonly path: string;
  /** Its address in messages. */
  readonly where: string;
}

/** Reads an untrusted Pod. Wrong shapes read as absent: the API server decoded the object before we see it. */
export function viewPod(pod: unknown): PodView {
  const metadata = mapping(mapping(pod)['metadata']);
  const spec = mapping(mapping(pod)['spec']);
  return {
    name: text(metadata['name']),
    serviceAccountName: text(spec['serviceAccountName']) || 'default',
    labels: optionalMapping(metadata['labels']),
    annotations: optionalMapping(metadata['annotations']),
    controller: controllerOf(metadata['ownerReferences']),
    containers: [
      ...viewContainers(spec, 'initContainers'),
      ...viewContainers(spec, 'containers'),
      ...viewContainers(spec, 'ephemeralContainers'),
    ],
    secretPlaces: viewSecretPlaces(spec),
  };
}

function viewContainers(spec: Readonly<Record<string, unknown>>, list: ContainerList): readonly ContainerView[] {
  return items(spec[list]).map((raw, index) => {
    const container = mapping(raw);
    return {
      list,
      index,
      name: text(container['name']),
      env: Array.isArray(container['env']) ? container['env'].map(viewEnv) : undefined,
      envFrom: Array.isArray(container['envFrom']) ? container['envFrom'].map(viewEnvFrom) : undefined,
    };
  });
}

function viewEnv(raw: unknown): EnvView {
  const { name, value, valueFrom } = mapping(raw);
  return {
    name: text(name),
    value: typeof value === 'string' ? value : undefined,
    secretKeyRef: valueFrom === undefined ? undefined : secretKeyRef(valueFrom),
  };
}

function secretKeyRef(valueFrom: unknown): EnvView['secretKeyRef'] {
  const selector = mapping(valueFrom)['secretKeyRef'];
  return isMapping(selector) ? { ...viewSecret(selector, 'name'), key: text(selector['key']) } : undefined;
}

function viewEnvFrom(source: unknown): SecretView | undefined {
  const selector = mapping(source)['secretRef'];
  return isMapping(selector) ? viewSecret(selector, 'name') : undefined;
}

function viewSecret(selector: Readonly<Record<string, unknown>>, field: 'name' | 'secretName'): SecretView {
  return { name: text(selector[field]), optional: selector['optional'] === true };
}

const NO_PLACES: readonly SecretPlace[] = Object.freeze([]);

function viewSecretPlaces(spec: Readonly<Record<string, unknown>>): readonly SecretPlace[] {
  const [volumes, pullSecrets] = [items(spec['volumes']), items(spec['imagePullSecrets'])];
  if (volumes.length === 0 && pullSecrets.length === 0) return NO_PLACES;
  const places: SecretPlace[] = [];
  for (const [index, raw] of volumes.entries()) {
    const { name, secret, projected } = mapping(raw);
    if (isMapping(secret)) {
      const path = pointer('spec', 'volumes', index, 'secret', 'secretName');
      places.push({ ...viewSecret(secret, 'secretName'), path, where: `volume "${text(name)}"` });
    }
    for (const [at, source] of items(mapping(projected)['sources']).entries()) {
      const projection = mapping(source)['secret'];
      if (!isMapping(projection)) continue;
      const path = pointer('spec', 'volumes', index, 'projected', 'sources', at, 'secret', 'name');
      const where = `volume "${text(name)}", projected.sources[${at}]`;
      places.push({ ...viewSecret(projection, 'name'), path, where });
    }
  }
  for (const [index, raw] of pullSecrets.entries()) {
    const path = pointer('spec', 'imagePullSecrets', index, 'name');
    places.push({ name: text(mapping(raw)['name']), optional: false, path, where: `imagePullSecrets[${index}]` });
  }
  return places;
}

/** The controller among `metadata.ownerReferences`, as written; nobody has checked that it exists. */
export function controllerOf(ownerReferences: unknown): ObjectReference | undefined {
  const owner = items(ownerReferences)
    .map(mapping)
    .find((candidate) => candidate['controller'] === true);
  if (owner === undefined) return undefined;
  return {
    apiVersion: text(owner['apiVersion']),
    kind: text(owner['kind']),
    name: text(owner['name']),
    uid: text(owner['uid']),
  };
}

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return isMapping(value) ? value : NOTHING;
}

function optionalMapping(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isMapping(value) ? value : undefined;
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
