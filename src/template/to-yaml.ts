import { decodeRunes } from './functions/runes.ts';
import { fromPlain } from './from-plain.ts';
import { formatFloat } from './format-number.ts';
import { TemplateError } from './template-error.ts';
import type { Evaluation } from './template-function.ts';
import { toJson } from './to-json.ts';
import { GoInt, GoList, GoMap, type GoStruct, type GoValue } from './value.ts';
import type { YamlPlace } from './fold-yaml.ts';
import { naturally } from './natural-order.ts';
import { isSimpleKey, writeYamlText } from './yaml-scalar.ts';

const MAX_DEPTH = 500;
const INT_MIN = -(2n ** 63n);
const UINT_MAX = 2n ** 64n - 1n;
/** JSON leaves these as they are, and YAML then refuses them. */
const UNREADABLE = /[\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

/**
 * YAML as sigs.k8s.io/yaml writes it, by way of JSON, without the line break at its end: block style, lists as far left as
 * their key, keys in natural order. A byte string. Throws TemplateError that begins with `json:` or `yaml:` for what cannot
 * be written.
 */
export function toYaml(value: GoValue, evaluation: Pick<Evaluation, 'spend'>): string {
  const text = isBlock(value)
    ? writeBlock(value, 0).join('\n')
    : writeScalar(value, { indent: 2, column: 0, isKey: false });
  return Buffer.from(text, 'utf8').toString('latin1');

  /** Lines, without the indent of the first: that stands behind what its parent has written. */
  function writeBlock(block: GoList | GoMap, indent: number): readonly string[] {
    evaluation.spend(1 + (indent / 64) * sizeOf(block));
    if (indent > 2 * MAX_DEPTH) throw new TemplateError('the value is nested too deeply for YAML');
    return block instanceof GoMap ? writeMapping(block, indent) : writeList(block, indent);
  }

  function writeMapping({ entries }: GoMap, indent: number): readonly string[] {
    const sorted = Array.from(entries, ([key, item]) => [textOf(key), item] as const).toSorted(([a], [b]) =>
      naturally(a, b),
    );
    return sorted.flatMap(([key, item], index) => {
      const lines = isSimpleKey(key) ? writeEntry(key, item, indent) : writeLongEntry(key, item, indent);
      return index === 0 ? lines : [' '.repeat(indent) + (lines[0] ?? ''), ...lines.slice(1)];
    });
  }

  function writeEntry(key: string, item: GoValue, indent: number): readonly string[] {
    const head = `${writeYamlText(key, { indent, column: indent, isKey: true })}:`;
    if (!isBlock(item)) {
      const column = indent + Array.from(head).length + 1;
      return [`${head} ${writeScalar(item, { indent: indent + 2, column, isKey: false })}`];
    }
    const inner = item instanceof GoList ? indent : indent + 2;
    const [first = '', ...lines] = writeBlock(item, inner);
    return [head, ' '.repeat(inner) + first, ...lines];
  }

  /** `? key` on lines of its own, then `: value`. */
  function writeLongEntry(key: string, item: GoValue, indent: number): readonly string[] {
    const place = { indent: indent + 2, column: indent + 2, isKey: false };
    return [`? ${writeYamlText(key, place)}`, ...writeItem(' '.repeat(indent) + ': ', item, indent)];
  }

  function writeList({ items }: GoList, indent: number): readonly string[] {
    return items.flatMap((item, index) => writeItem(index === 0 ? '- ' : `${' '.repeat(indent)}- `, item, indent));
  }

  function writeItem(head: string, item: GoValue, indent: number): readonly string[] {
    if (!isBlock(item)) return [head + writeScalar(item, { indent: indent + 2, column: indent + 2, isKey: false })];
    const [first = '', ...lines] = writeBlock(item, indent + 2);
    return [head + first, ...lines];
  }

  function writeScalar(item: GoValue, place: YamlPlace): string {
    if (item === null) return 'null';
    if (typeof item === 'boolean') return String(item);
    if (typeof item === 'number') return writeNumber(item);
    if (item instanceof GoInt) return String(item.value);
    if (item instanceof GoMap) return '{}';
    if (item instanceof GoList && item.elem !== 'uint8') return item.isNil ? 'null' : '[]';
    if (typeof item !== 'string') return toYamlOfJson(item, place);
    const lines = item.includes('\n') ? item.split('\n').length : 1;
    evaluation.spend((item.length + lines * place.indent) / 64);
    return writeYamlText(textOf(item), place);
  }

  /** Bytes, and whatever has a JSON of its own. */
  function toYamlOfJson(item: GoList | GoStruct, place: YamlPlace): string {
    const json: unknown = JSON.parse(decodeRunes(toJson(item, evaluation, { escapesHtml: true })));
    return writeScalar(fromPlain(json, evaluation), place);
  }
}

function isBlock(value: GoValue): value is GoList | GoMap {
  if (value instanceof GoMap) return value.entries.size > 0;
  return value instanceof GoList && value.elem !== 'uint8' && value.items.length > 0;
}

function sizeOf(block: GoList | GoMap): number {
  return block instanceof GoMap ? block.entries.size : block.items.length;
}

function textOf(bytes: string): string {
  const text = decodeRunes(bytes);
  if (UNREADABLE.test(text)) throw new TemplateError('yaml: control characters are not allowed');
  return text;
}

/** As JSON has it; what it writes without an exponent or a point is an integer again, where it fits into 64 bits. */
function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TemplateError('json: unsupported value');
  const isInteger = Number.isInteger(value) && Math.abs(value) < 1e21;
  const digits = BigInt(isInteger ? String(value) : 0);
  return isInteger && digits >= INT_MIN && digits <= UINT_MAX ? String(digits) : formatFloat(value, 'g');
}
