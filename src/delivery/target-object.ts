import { MANAGED_BY, MANAGED_BY_LABEL, ownerReference } from './secret-object.ts';
import type { StoredTarget, Target } from './target.ts';
import { MADE_BY, MANAGED_LABEL, wholeMarks } from './target-marks.ts';

const OURS = MANAGED_BY[MANAGED_BY_LABEL];

/** The manifest to apply, only over what was looked at where something is there. Here its values leave SecretValue. */
export function targetObject(target: Target, stored: StoredTarget | undefined): Readonly<Record<string, unknown>> {
  const { namespace, name, maker, extent, owned, metadata, type, immutable, data } = target;
  const isWhole = extent === 'whole';
  // Whoever else says to manage it, in the definition's labels or on a Secret that was given over, may rely on that.
  const manager = stored?.labels?.[MANAGED_BY_LABEL];
  const own = isWhole && (manager ?? OURS) === OURS ? { [MANAGED_BY_LABEL]: OURS } : {};
  const marks = isWhole ? wholeMarks(target, data.keys()) : {};
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      ...(stored === undefined ? {} : { uid: stored.uid, resourceVersion: stored.resourceVersion }),
      labels: { ...own, ...metadata.labels, [MANAGED_LABEL]: 'true' },
      annotations: { ...without(metadata.annotations, MADE_BY), ...marks },
      ...(metadata.finalizers.length === 0 ? {} : { finalizers: metadata.finalizers }),
      ...(owned ? { ownerReferences: [{ ...ownerReference(maker), controller: true }] } : {}),
    },
    ...(type === undefined ? {} : { type }),
    ...(immutable ? { immutable } : {}),
    data: Object.fromEntries([...data].map(([key, value]) => [key, Buffer.from(value.expose()).toString('base64')])),
  };
}

function without(texts: Readonly<Record<string, string>>, key: string): Readonly<Record<string, string>> {
  const { [key]: _dropped, ...rest } = texts;
  return rest;
}
