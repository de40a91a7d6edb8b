import { isMapping } from '../fields.ts';
import type { DefinitionStatus } from './definition.ts';

/** Reads what the last sync left. Whoever wrote it, nothing in it is a mistake of the definition. */
export function parseStatus(value: unknown): DefinitionStatus {
  const { syncedResourceVersion, refreshTime, conditions, binding } = isMapping(value) ? value : {};
  const ready = (Array.isArray(conditions) ? conditions : []).filter(isMapping).find(({ type }) => type === 'Ready');
  return {
    syncedResourceVersion: textOf(syncedResourceVersion),
    refreshTime: dateOf(refreshTime),
    ready: ready && {
      status: textOf(ready['status']),
      reason: textOf(ready['reason']),
      message: textOf(ready['message']),
      since: textOf(ready['lastTransitionTime']) || undefined,
    },
    binding: isMapping(binding) ? textOf(binding['name']) || undefined : undefined,
  };
}

function dateOf(value: unknown): Date | undefined {
  const date = new Date(textOf(value));
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
