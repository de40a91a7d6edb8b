import { isMapping } from '../../fields.ts';
import { SecretValue } from '../../secret-value.ts';

// Text with one character a byte (latin1) goes through JSON without a change to bytes that are no UTF-8: JSON escapes ASCII only.

/** A Secret's data as a JSON object of its decoded values, keys sorted. Undefined where it is no Secret's data. */
export function dataToJson(data: unknown): SecretValue | undefined {
  if (!isMapping(data)) return data === undefined || data === null ? SecretValue.fromText('{}') : undefined;
  const members: string[] = [];
  for (const key of Object.keys(data).sort()) {
    const value = data[key];
    if (typeof value !== 'string') return undefined;
    members.push(`${JSON.stringify(key)}:${JSON.stringify(Buffer.from(value, 'base64').toString('latin1'))}`);
  }
  return new SecretValue(Buffer.from(`{${members.join(',')}}`, 'latin1'));
}

/** The way back: every data key with its bytes. */
export function jsonToData(value: SecretValue): ReadonlyMap<string, SecretValue> {
  const data: unknown = JSON.parse(Buffer.from(value.expose()).toString('latin1'));
  return new Map(
    Object.entries(isMapping(data) ? data : {}).map(([key, text]) => [
      key,
      new SecretValue(Buffer.from(String(text), 'latin1')),
    ]),
  );
}

/** Labels and annotations as External Secrets has them; none are null. */
export function metadataToJson(metadata: Readonly<Record<string, unknown>>): SecretValue {
  const [annotations, labels] = ['annotations', 'labels'].map((name) => sorted(metadata[name]));
  return SecretValue.fromText(`{"annotations":${annotations},"labels":${labels}}`);
}

function sorted(texts: unknown): string {
  if (!isMapping(texts)) return 'null';
  const members = Object.keys(texts)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(texts[key])}`);
  return `{${members.join(',')}}`;
}
