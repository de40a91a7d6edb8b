import { TemplateError } from './template-error.ts';
import { typeName } from './type-name.ts';
import { GoInt, GoList, GoMap, type GoValue } from './value.ts';

/** Go's `index`: one step into a list, a string or a map for each index. An absent key is the zero value. */
export function indexValue(item: GoValue, indexes: readonly GoValue[]): GoValue {
  if (item === null) throw new TemplateError('index of untyped nil');
  return indexes.reduce<GoValue>((current, index) => step(current, index), item);
}

function step(item: GoValue, index: GoValue): GoValue {
  if (item === null) throw new TemplateError('index of nil pointer');
  if (item instanceof GoMap) {
    if (index === null) throw new TemplateError('value is nil; should be of type string');
    if (typeof index !== 'string') throw new TemplateError(`value has type ${typeName(index)}; should be string`);
    return item.entries.get(index) ?? (item.entries.has(index) ? null : zeroOf(item.elem));
  }
  if (item instanceof GoList) return item.items[position(index, item.items.length)] ?? null;
  if (typeof item === 'string') return new GoInt(item.charCodeAt(position(index, item.length)), 'uint8');
  throw new TemplateError(`can't index item of type ${typeName(item)}`);
}

/** Go's `slice`: `item[i:j:k]` of a list, `item[i:j]` of a string. A list holds no more than it shows. */
export function sliceValue(item: GoValue, indexes: readonly GoValue[]): GoValue {
  if (item === null) throw new TemplateError('slice of untyped nil');
  if (indexes.length > 3) throw new TemplateError(`too many slice indexes: ${indexes.length}`);
  if (typeof item !== 'string' && !(item instanceof GoList)) {
    throw new TemplateError(`can't slice item of type ${typeName(item)}`);
  }
  if (typeof item === 'string' && indexes.length === 3) throw new TemplateError('cannot 3-index slice a string');
  const length = typeof item === 'string' ? item.length : item.items.length;
  const [from = 0, to = length, most = length] = indexes.map((index) => bound(index, length));
  if (from > to || to > most) throw new TemplateError('invalid slice index');
  return typeof item === 'string' ? item.slice(from, to) : new GoList(item.items.slice(from, to), item.elem);
}

function position(index: GoValue, length: number): number {
  const at = bound(index, length);
  if (at === length) throw new TemplateError('index out of range');
  return at;
}

/** The index may come from a secret, so messages do not say it. */
function bound(index: GoValue, length: number): number {
  if (index === null) throw new TemplateError('cannot index slice/array with nil');
  if (!(index instanceof GoInt)) throw new TemplateError(`cannot index slice/array with type ${typeName(index)}`);
  const at = BigInt.asIntN(64, index.value);
  if (at < 0n || at > BigInt(length)) throw new TemplateError('index out of range');
  return Number(at);
}

function zeroOf(elem: string): GoValue {
  if (elem === 'string') return '';
  if (elem === 'bool') return false;
  if (elem === 'float64') return 0;
  return /^u?int\d*$/.test(elem) ? new GoInt(0, elem === 'int64' ? 'int64' : 'int') : null;
}
