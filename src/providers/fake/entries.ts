import type { Fields } from '../../fields.ts';
import { SecretValue } from '../../secret-value.ts';

export interface Entry {
  readonly key: string;
  /** Empty where the entry has none. */
  readonly version: string;
  readonly value: SecretValue;
}

/** `data[]` of the block; of equal key and version the last counts. */
export function readEntries(block: Fields): readonly Entry[] {
  if (!block.has('data')) block.problem('data', 'is required');
  const byName = new Map<string, Entry>();
  for (const item of block.list('data')) {
    const entry = readEntry(item);
    byName.set(JSON.stringify([entry.key, entry.version]), entry);
  }
  return [...byName.values()];
}

function readEntry(item: Fields): Entry {
  const version = item.raw('version') === '' ? undefined : item.optionalText('version');
  return { key: item.text('key'), version: version ?? '', value: SecretValue.fromText(item.text('value')) };
}
