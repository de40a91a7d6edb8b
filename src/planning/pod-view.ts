import { isMapping } from '../fields.ts';
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
}

export interface ContainerView {
  readonly list: ContainerList;
  readonly index: number;
  readonly name: string;
  readonly env: readonly EnvView[] | undefined;
  /** Names of the Secrets that `envFrom` takes whole; `undefined` in the list for other kinds. */
  readonly envFrom: readonly (string | undefined)[] | undefined;
}

export interface EnvView {
  readonly name: string;
  readonly value: string | undefined;
  readonly secretKeyRef: { readonly name: string; readonly key: string } | undefined;
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
      envFrom: Array.isArray(container['envFrom']) ? container['envFrom'].map(secretRefName) : undefined,
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
  if (!isMapping(selector)) return undefined;
  return { name: text(selector['name']), key: text(selector['key']) };
}

function secretRefName(source: unknown): string | undefined {
  const selector = mapping(source)['secretRef'];
  return isMapping(selector) ? text(selector['name']) : undefined;
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
