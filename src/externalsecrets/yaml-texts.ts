import { type Document, isAlias, isMap, isScalar, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { LatchkeyError } from '../errors.ts';
import { SecretValue } from '../secret-value.ts';
import type { Content } from './content.ts';
import { plainScalar } from './plain-scalar.ts';

const MAX_ENTRIES = 10_000; // a Secret's megabyte holds no more that are of use
const BINARY_TAG = 'tag:yaml.org,2002:binary';
const STRING_TAGS: readonly string[] = ['tag:yaml.org,2002:str', '!'];
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads what a template rendered as names and texts, as sigs.k8s.io/yaml puts a document into a map of strings: numbers and
 * booleans become text in Go's spelling, null becomes empty, of equal names the last one counts. Lists and mappings as values
 * are mistakes. Throws TEMPLATE_FAILED; no message quotes the document.
 */
export function parseYamlTexts(rendered: SecretValue): Content {
  const document = compose(rendered.exposeText());
  const { contents } = document;
  if (contents === null || (isScalar(contents) && textOf(contents)?.size === 0)) return new Map();
  if (!isMap(contents)) throw invalid('is no YAML mapping of names to values');
  if (contents.items.length > MAX_ENTRIES) throw invalid(`has more than ${MAX_ENTRIES} entries`);

  const texts = new Map<string, SecretValue>();
  for (const [index, pair] of contents.items.entries()) {
    for (const [name, value] of entriesOf(pair, index + 1, document)) texts.set(name, value);
  }
  return texts;
}

/** Scalars stay as they are written, so that Go's rules for them can be applied; a second document is passed over, as there. */
function compose(text: string): Document {
  try {
    const document = parseDocument(text, { version: '1.1', schema: 'failsafe', uniqueKeys: false, logLevel: 'silent' });
    const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
    if (error === undefined) return document;
    const [start] = error.linePos ?? [];
    throw invalid(`is no valid YAML${start === undefined ? '' : ` at line ${start.line}, column ${start.col}`}`);
  } catch (error) {
    throw error instanceof LatchkeyError ? error : invalid('is no valid YAML', error);
  }
}

function entriesOf(
  { key, value }: Pair,
  position: number,
  document: Document,
): Iterable<readonly [string, SecretValue]> {
  const merged = isScalar(key) && key.type === 'PLAIN' && key.value === '<<' ? resolve(value, document) : undefined;
  if (isMap(merged)) return mergedEntries(merged, position, document);
  return [entryOf(key, value, position, document)];
}

/** `<<: *defaults`, one level deep: a merge inside a merge could lead back to itself. */
function mergedEntries({ items }: YAMLMap, position: number, document: Document) {
  return items.map(({ key, value }) => entryOf(key, value, position, document));
}

function entryOf(key: unknown, value: unknown, position: number, document: Document): readonly [string, SecretValue] {
  const name = textOf(resolve(key, document));
  if (name === undefined) throw invalid(`has a name in entry ${position} that is no text, number or boolean`);
  // A name alone, as in `? name`, has no value node.
  const text = value === null ? SecretValue.fromText('') : textOf(resolve(value, document));
  if (text === undefined) throw invalid(`has a value in entry ${position} that is no text, number or boolean`);
  return [name.exposeText(), text];
}

function resolve(node: unknown, document: Document): Node | undefined {
  return isAlias(node) ? node.resolve(document) : isScalar(node) || isMap(node) ? node : undefined;
}

function textOf(node: Node | undefined): SecretValue | undefined {
  if (!isScalar(node) || typeof node.value !== 'string') return undefined;
  if (node.tag === BINARY_TAG) return binary(node.value);
  const isText = node.type !== 'PLAIN' || (node.tag !== undefined && STRING_TAGS.includes(node.tag));
  return SecretValue.fromText(isText ? node.value : plainScalar(node.value));
}

function binary(text: string): SecretValue {
  const packed = text.replaceAll(/\s/g, '');
  if (!BASE64.test(packed)) throw invalid('has a !!binary value that is not valid base64');
  return new SecretValue(Buffer.from(packed, 'base64'));
}

function invalid(message: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('TEMPLATE_FAILED', `what the template renders ${message}`, {
    hint: 'Correct the template; put values that may hold anything through | quote or | toJson',
    cause,
  });
}
