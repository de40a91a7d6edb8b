import { isJsonObject } from '../json.ts';

/** Names and indexes, from the root down. */
export type JsonPath = readonly (string | number)[];

const STEP = /\.([A-Za-z_][\w-]*)|\[(\d{1,9})\]|\['([^'\\]*)'\]|\["([^"\\]*)"\]/y;

/** Reads `$.a.b[0]['c d']`; undefined for anything else: wildcards, filters and slices are not supported. */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (!text.startsWith('$')) return undefined;
  const path: (string | number)[] = [];
  for (let at = 1; at < text.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const step = STEP.exec(text);
    if (step === null) return undefined;
    const [, name, index, single, double] = step;
    path.push(index === undefined ? (name ?? single ?? double ?? '') : Number(index));
  }
  return path;
}

/** What is at the path; undefined where nothing is. */
export function select(document: unknown, path: JsonPath): unknown {
  let value = document;
  for (const step of path) {
    if (Array.isArray(value) && typeof step === 'number') value = value[step] as unknown;
    else if (isJsonObject(value) && typeof step === 'string') {
      value = Object.hasOwn(value, step) ? value[step] : undefined;
    } else return undefined;
  }
  return value;
}
