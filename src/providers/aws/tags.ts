import { SecretValue } from '../../secret-value.ts';

interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** `metadataPolicy: Fetch`: tags as a JSON object, sorted. */
export function tagsToJson(tags: readonly Tag[] = []): SecretValue {
  const entries = tags.map(({ Key = '', Value = '' }) => [Key, Value] as const);
  return SecretValue.fromText(JSON.stringify(Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))));
}

export function hasTags(tags: readonly Tag[] = [], wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => tags.some((tag) => tag.Key === key && tag.Value === value));
}
