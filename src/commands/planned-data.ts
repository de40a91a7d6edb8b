import type { DataEntry, DataFromEntry, Definition, StoreReference } from '../externalsecrets/definition.ts';
import { formatReference } from '../references/format-reference.ts';

/** What an ExternalSecret's Secret will hold, as far as its manifest says: keys, and where their values come from; `*` for keys that it does not name. */
export function plannedData({ spec }: Definition): Readonly<Record<string, string>> {
  const { template } = spec.target;
  const fetched = [
    ...spec.dataFrom.map((entry) => ['*', describeEntry(entry)] as const),
    ...spec.data.map((entry) => [entry.secretKey, `[secret] ${describeRemote(entry)}`] as const),
  ];
  if (template === undefined) return gather(fetched);
  const rendered = [
    ...template.from.filter(({ target }) => target === 'Data').map(() => ['*', '[secret] template'] as const),
    ...Object.keys(template.data).map((key) => [key, '[secret] template'] as const),
  ];
  if (rendered.length === 0) return gather(fetched);
  return gather(template.mergePolicy === 'Merge' ? [...fetched, ...rendered] : rendered);
}

/** Several sources of unnamed keys stand in one line. */
function gather(entries: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  const data = new Map<string, string>();
  for (const [key, text] of entries) {
    const known = key === '*' ? data.get(key) : undefined;
    data.set(key, known === undefined ? text : `${known}, ${text.replace('[secret] ', '')}`);
  }
  return Object.fromEntries(data);
}

function describeEntry(entry: DataFromEntry): string {
  if (entry.kind === 'generator') return `[secret] generator ${entry.generator.kind} ${entry.generator.name}`;
  if (entry.kind === 'extract') return `[secret] every property of ${describeRemote(entry)}`;
  return `[secret] what is found in ${entry.store.kind} ${entry.store.name}`;
}

function describeRemote({
  remoteRef: { key, property, version },
  store,
}: {
  readonly remoteRef: DataEntry['remoteRef'];
  readonly store: StoreReference;
}): string {
  const reference = { store, key, decode: 'none', optional: false } as const;
  return formatReference({ ...reference, ...(property && { property }), ...(version && { version }) });
}
