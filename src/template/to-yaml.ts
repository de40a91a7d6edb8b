import { formatFloat } from './format-number.ts';
import { isMapping } from '../fields.ts';
import { writeYamlText } from './yaml-scalar.ts';

/** Go's YAML of what JSON holds, without the line break at its end: block style, lists not indented, keys in natural order. */
export function toYaml(value: unknown): string {
  if (isBlock(value)) return writeBlock(value, 0).join('\n');
  return writeScalar(value, { indent: 2, column: 0, isKey: false });
}

type Block = readonly unknown[] | Readonly<Record<string, unknown>>;

function isBlock(value: unknown): value is Block {
  if (Array.isArray(value)) return value.length > 0;
  return isMapping(value) && Object.keys(value).length > 0;
}

/** Lines without the indent of the first, which its parent has written. */
function writeBlock(value: Block, indent: number): readonly string[] {
  return isMapping(value) ? writeMapping(value, indent) : writeList(value, indent);
}

function writeMapping(mapping: Readonly<Record<string, unknown>>, indent: number): readonly string[] {
  const keys = Object.keys(mapping).toSorted(naturally);
  return keys.flatMap((key, index) => {
    const margin = index === 0 ? '' : ' '.repeat(indent);
    const head = `${writeYamlText(key, { indent, column: indent, isKey: true })}:`;
    const item = mapping[key];
    if (!isBlock(item)) {
      const column = indent + head.length + 1;
      return [`${margin}${head} ${writeScalar(item, { indent: indent + 2, column, isKey: false })}`];
    }
    // Lists stand as far left as the key.
    const inner = Array.isArray(item) ? indent : indent + 2;
    const [first = '', ...lines] = writeBlock(item, inner);
    return [`${margin}${head}`, ' '.repeat(inner) + first, ...lines];
  });
}

function writeList(list: readonly unknown[], indent: number): readonly string[] {
  return list.flatMap((item, index) => {
    const margin = index === 0 ? '' : ' '.repeat(indent);
    if (!isBlock(item)) {
      return [`${margin}- ${writeScalar(item, { indent: indent + 2, column: indent + 2, isKey: false })}`];
    }
    const [first = '', ...lines] = writeBlock(item, indent + 2);
    return [`${margin}- ${first}`, ...lines];
  });
}

function writeScalar(value: unknown, place: { indent: number; column: number; isKey: boolean }): string {
  if (typeof value === 'string') return writeYamlText(value, place);
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : formatFloat(value, 'g');
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return '[]';
  return isMapping(value) ? '{}' : 'null';
}

/** Letters by their code, numbers by their size, and letters behind everything else. */
function naturally(left: string, right: string): number {
  const [a, b] = [Array.from(left), Array.from(right)];
  for (let at = 0; at < a.length && at < b.length; at += 1) {
    const [one = '', other = ''] = [a[at], b[at]];
    if (one === other) continue;
    const [isLetter, isOtherLetter] = [/\p{L}/u.test(one), /\p{L}/u.test(other)];
    if (isLetter && isOtherLetter) return one < other ? -1 : 1;
    if (isLetter || isOtherLetter) return isOtherLetter ? -1 : 1;
    return compareNumbers(a, b, at) || (one < other ? -1 : 1);
  }
  return a.length - b.length;
}

function compareNumbers(a: readonly string[], b: readonly string[], at: number): number {
  const [digits, others] = [digitsAt(a, at), digitsAt(b, at)];
  const isInNumber = (a[at] === '0' || b[at] === '0') && /[1-9]\d*$/.test(a.slice(0, at).join(''));
  const prefix = isInNumber ? '1' : '0';
  const [one, other] = [BigInt(prefix + digits), BigInt(prefix + others)];
  if (one !== other) return one < other ? -1 : 1;
  return digits.length - others.length;
}

function digitsAt(characters: readonly string[], at: number): string {
  return /^\d*/.exec(characters.slice(at).join(''))?.[0] ?? '';
}
