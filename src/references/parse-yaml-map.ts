import { isMap, isScalar, parseDocument, type Document, type Pair } from 'yaml';
import { LatchkeyError } from '../errors.ts';

export interface TextEntry {
  readonly name: string;
  readonly text: string;
  /** Counted from 1, for messages. */
  readonly position: number;
}

export interface TextMap {
  readonly entries: readonly TextEntry[];
  /** What is wrong with single entries, each at `entry N`. */
  readonly problems: readonly LatchkeyError[];
}

const MAX_ENTRIES = 500;

/**
 * Reads the YAML of an annotation as names and texts, in the order written. Throws ANNOTATION_INVALID where it is no such
 * mapping. Walks the nodes instead of building objects: aliases stay unexpanded, and `__proto__` is a name like others.
 * No message quotes the text.
 */
export function parseYamlMap(text: string): TextMap {
  const { contents } = readDocument(text);
  if (!isMap(contents)) throw invalid('is no YAML mapping', 'Write NAME: REF, one a line');
  if (contents.items.length > MAX_ENTRIES) {
    throw invalid(`has more than ${MAX_ENTRIES} entries`, 'Divide them among several workloads, or use env-from');
  }

  const entries: TextEntry[] = [];
  const problems: LatchkeyError[] = [];
  const names = new Set<string>();
  for (const [index, item] of contents.items.entries()) {
    const entry = readEntry(item, index + 1, names);
    if (entry instanceof LatchkeyError) problems.push(entry.at(`entry ${index + 1}`));
    else entries.push(entry);
  }
  return { entries, problems };
}

function readDocument(text: string): Document.Parsed {
  // Kubernetes reads YAML 1.1. Uniqueness is checked below: the parser compares each key with each other.
  const document = parseComposed(text);
  const [error] = document.errors;
  if (error === undefined) return document;
  const [start] = error.linePos ?? [];
  const place = start === undefined ? '' : ` at line ${start.line}, column ${start.col}`;
  throw invalid(`is no valid YAML${place}`, 'Correct it; write NAME: REF, one a line');
}

function parseComposed(text: string): Document.Parsed {
  try {
    return parseDocument(text, { version: '1.1', uniqueKeys: false });
  } catch (error) {
    throw invalid('is no valid YAML', 'Write NAME: REF, one a line', error);
  }
}

function readEntry({ key, value }: Pair, position: number, names: Set<string>): TextEntry | LatchkeyError {
  if (!isScalar(key) || typeof key.value !== 'string') {
    return invalid('has a name that YAML does not read as text', 'Put it in quotes, as Y, N, ON, NO and numbers need');
  }
  if (!isScalar(value) || typeof value.value !== 'string') {
    return invalid('has a value that is no text', 'Write a reference, in quotes where YAML needs them');
  }
  if (names.has(key.value)) return invalid('has a name that stands there twice', 'Keep one of them');
  names.add(key.value);
  return { name: key.value, text: value.value, position };
}

function invalid(message: string, hint: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('ANNOTATION_INVALID', message, { hint, cause });
}
