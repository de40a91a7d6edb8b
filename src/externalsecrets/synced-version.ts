import type { Definition } from './definition.ts';
import { goHash, printMap } from './go-hash.ts';

/**
 * `status.syncedResourceVersion` of a definition that was synced as it is now: changes with the spec, the labels and the
 * annotations. External Secrets writes and compares the same text, so a hand-over starts no sync.
 */
export function syncedVersion({
  generation,
  labels,
  annotations,
}: Pick<Definition, 'generation' | 'labels' | 'annotations'>): string {
  return `${generation}-${goHash(`{annotations:${print(annotations)} labels:${print(labels)}}`)}`;
}

function print(texts: Readonly<Record<string, string>>): string {
  return printMap(Object.entries(texts), (text) => text);
}
