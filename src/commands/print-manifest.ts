import { stringify } from 'yaml';
import { isMapping } from '../fields.ts';
import type { KubeObject } from '../kube/kube-object.ts';

/** YAML that Kubernetes, which reads version 1.1, understands as it was meant. */
export function printManifest(manifest: object): string {
  return stringify(manifest, { compat: 'yaml-1.1', lineWidth: 0 });
}

/** A Secret with its keys, sizes and owner, and no value. */
export function maskSecret({ apiVersion, kind, metadata, type, data }: KubeObject): object {
  const { name, namespace, labels, annotations, ownerReferences } = metadata;
  const sizes = Object.entries(isMapping(data) ? data : {}).map(([key, value]) => {
    return [key, `[secret] ${Buffer.from(String(value), 'base64').length} bytes`] as const;
  });
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels, ...(annotations && { annotations }), ownerReferences },
    type,
    data: Object.fromEntries(sizes),
  };
}
