import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml';
import { formatFloat } from './format-number.ts';
import { resolveYamlScalar, type YamlScalar } from './resolve-yaml-scalar.ts';
import type { Evaluation } from './template-function.ts';
import { encodeUtf8 } from './utf8.ts';
import { GoList, GoMap, type GoValue } from './value.ts';

const MAX_DEPTH = 500;
const TAG = 'tag:yaml.org,2002:';
const KIND_OF_TAG: Readonly<Record<string, YamlScalar['kind']>> = {
  [`${TAG}bool`]: 'bool',
  [`${TAG}int`]: 'int',
  [`${TAG}float`]: 'float',
  [`${TAG}null`]: 'null',
  [`${TAG}timestamp`]: 'timestamp',
};

/** A text that is no YAML, or that JSON cannot say. The message is in Go's words where they hold no value. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
}

/** The first document of a text (not bytes), as sigs.k8s.io/yaml reads it: YAML 1.1 by way of JSON, so that numbers are floats. */
export function readYaml(text: string, evaluation: Pick<Evaluation, 'spend'>): GoValue {
  const document = compose(text);
  const targets = targetsOf(document);
  return read(document.contents, 0);

  function read(node: unknown, depth: number): GoValue {
    evaluation.spend(1);
    if (depth > MAX_DEPTH) throw new YamlError('yaml: the document is nested too deeply');
    if (isAlias(node)) return read(targetOf(node), depth + 1);
    if (isScalar(node)) return readScalar(node);
    if (isSeq(node)) return new GoList(node.items.map((item) => read(item, depth + 1)));
    if (isMap(node)) return readMapping(node.items, depth);
    return null; // a key without a value
  }

  /** Of equal keys the last one counts, also when it was merged. */
  function readMapping(pairs: readonly Pair[], depth: number): GoMap {
    const map = new GoMap();
    for (const { key, value } of pairs) {
      if (isMergeKey(key)) merge(map, value, depth);
      else map.entries.set(keyOf(key), read(value, depth + 1));
    }
    return map;
  }

  function merge(map: GoMap, value: unknown, depth: number): void {
    const sources = isSeq(value) ? value.items.toReversed() : [value];
    for (const source of sources) {
      const node = isAlias(source) ? targetOf(source) : source;
      const merged = isMap(node) ? read(node, depth + 1) : null;
      if (!(merged instanceof GoMap)) {
        throw new YamlError('yaml: map merge requires map or sequence of maps as the value');
      }
      for (const [key, item] of merged.entries) map.entries.set(key, item);
    }
  }

  function keyOf(node: unknown): string {
    const key = isAlias(node) ? targetOf(node) : node;
    if (!isScalar(key)) throw new YamlError('yaml: invalid map key');
    const scalar = resolve(key);
    if (scalar.kind === 'bool' || scalar.kind === 'int') return String(scalar.value);
    if (scalar.kind === 'float') return FLOAT_KEYS[String(scalar.value)] ?? formatFloat(scalar.value, 'g');
    if (scalar.kind === 'null') throw new YamlError('unsupported map key of type: %!s(<nil>)');
    return textOf(key);
  }

  function targetOf(alias: Alias): Node {
    const target = targets.get(alias);
    if (target === undefined) throw new YamlError('yaml: unknown anchor');
    return target;
  }
}

const FLOAT_KEYS: Readonly<Record<string, string>> = { Infinity: '.inf', '-Infinity': '-.inf', NaN: '.nan' };

/** Scalars stay as they are written, so that Go's rules for them can be applied; further documents are passed over, as there. */
function compose(text: string): Document {
  const document = parseDocument(text, { version: '1.1', schema: 'failsafe', uniqueKeys: false, logLevel: 'silent' });
  const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
  if (error === undefined) return document;
  throw new YamlError(`yaml: line ${error.linePos?.[0].line ?? 1}: the text is no YAML`);
}

/** What each alias stands for, found in one pass. */
function targetsOf(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) {
        anchors.set(node.anchor, node);
      }
    },
  });
  return targets;
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

function readScalar(node: Scalar): GoValue {
  const scalar = resolve(node);
  switch (scalar.kind) {
    case 'null':
      return null;
    case 'bool':
      return scalar.value;
    case 'int':
      return Number(scalar.value);
    case 'float':
      if (Number.isFinite(scalar.value)) return scalar.value;
      throw new YamlError(`json: unsupported value: ${formatFloat(scalar.value, 'g')}`);
    case 'text':
    case 'timestamp':
    case 'merge':
      return textOf(node);
  }
}

/** A tag decides, and has to fit; else quotes make a text. */
function resolve(node: Scalar): YamlScalar {
  const { tag, type } = node;
  const text = String(node.value);
  const wanted = tag === undefined ? undefined : KIND_OF_TAG[tag];
  if (wanted === undefined) {
    const isText = type !== 'PLAIN' || (tag !== undefined && tag !== '!');
    return isText ? { kind: 'text' } : resolveYamlScalar(text);
  }
  const scalar = resolveYamlScalar(text);
  if (scalar.kind === 'int' && wanted === 'float') return { kind: 'float', value: Number(scalar.value) };
  if (scalar.kind === wanted) return scalar;
  throw new YamlError(`yaml: cannot decode a value as a !!${wanted}`);
}

function textOf(node: Scalar): string {
  const text = encodeUtf8(String(node.value));
  return node.tag === `${TAG}binary` ? readBinary(text) : text;
}

/** Bytes go by way of JSON too, which has only text. */
function readBinary(text: string): string {
  const packed = text.replaceAll(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(packed)) {
    throw new YamlError('yaml: !!binary value contains invalid base64 data');
  }
  return encodeUtf8(Buffer.from(packed, 'base64').toString('utf8'));
}
