import { type JsonPatchOperation, pointer } from './json-patch.ts';
import type { ContainerView } from './pod-view.ts';
import type { EnvFrom, Variable } from './variable.ts';

/** An entry of `env` as it will stand in the Pod. */
export type EnvEntry =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly valueFrom: { readonly secretKeyRef: SecretKeyRef } };

export interface SecretKeyRef {
  readonly name: string;
  readonly key: string;
  readonly optional?: true;
}

/** A variable with the entries that replace it: helpers first, itself last. */
export interface VariableEdit {
  readonly variable: Variable;
  readonly entries: readonly EnvEntry[];
}

export interface EnvFromEdit {
  readonly envFrom: Pick<EnvFrom, 'container' | 'at' | 'prefix'>;
  readonly secretName: string;
  readonly optional: boolean;
}

/** Operations for one container. Single entries are addressed and tested; a whole array is never written. */
export function containerPatch(
  container: ContainerView,
  edits: readonly VariableEdit[],
  envFromEdits: readonly EnvFromEdit[],
): readonly JsonPatchOperation[] {
  if (edits.length === 0 && envFromEdits.length === 0) return [];
  const base = pointer('spec', container.list, container.index);
  return [
    { op: 'test', path: `${base}/name`, value: container.name },
    ...envOperations(container, `${base}/env`, edits),
    ...envFromOperations(container, `${base}/envFrom`, envFromEdits),
  ];
}

function envOperations(
  container: ContainerView,
  base: string,
  edits: readonly VariableEdit[],
): readonly JsonPatchOperation[] {
  if (edits.length === 0) return [];
  const operations: JsonPatchOperation[] = [];
  if (container.env === undefined) operations.push({ op: 'add', path: base, value: [] });

  // From the last entry to the first: an insertion never moves an entry that is still to be changed.
  const existing = edits.filter((edit) => typeof edit.variable.at === 'number');
  for (const { variable, entries } of existing.toSorted((a, b) => Number(b.variable.at) - Number(a.variable.at))) {
    const index = Number(variable.at);
    operations.push({ op: 'test', path: `${base}/${index}/name`, value: variable.name });
    operations.push({ op: 'replace', path: `${base}/${index}`, value: entries.at(-1) });
    for (const helper of entries.slice(0, -1).toReversed()) {
      operations.push({ op: 'add', path: `${base}/${index}`, value: helper });
    }
  }
  for (const { entries } of edits.filter((edit) => edit.variable.at === 'front').toReversed()) {
    for (const entry of entries.toReversed()) operations.push({ op: 'add', path: `${base}/0`, value: entry });
  }
  for (const { entries } of edits.filter((edit) => edit.variable.at === 'end')) {
    for (const entry of entries) operations.push({ op: 'add', path: `${base}/-`, value: entry });
  }
  return operations;
}

function envFromOperations(
  container: ContainerView,
  base: string,
  edits: readonly EnvFromEdit[],
): readonly JsonPatchOperation[] {
  if (edits.length === 0) return [];
  const operations: JsonPatchOperation[] = [];
  if (container.envFrom === undefined) operations.push({ op: 'add', path: base, value: [] });
  for (const { envFrom, secretName, optional } of edits) {
    if (envFrom.at !== 'end') {
      const path = `${base}/${envFrom.at}/secretRef/name`;
      operations.push({ op: 'test', path, value: container.envFrom?.[envFrom.at]?.name });
      operations.push({ op: 'replace', path, value: secretName });
      continue;
    }
    const secretRef = { name: secretName, ...(optional && { optional: true }) };
    const value = { ...(envFrom.prefix !== '' && { prefix: envFrom.prefix }), secretRef };
    operations.push({ op: 'add', path: `${base}/-`, value });
  }
  return operations;
}
