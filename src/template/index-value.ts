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

function position(index: GoValue, length: number): number {
  if (index === null) throw new TemplateError('cannot index slice/array with nil');
  if (!(index instanceof GoInt)) throw new TemplateError(`cannot index slice/array with type ${typeName(index)}`);
  if (index.value < 0n || index.value >= BigInt(length)) throw new TemplateError(`index out of range: ${index.value}`);
  return Number(index.value);
}

function zeroOf(elem: string): GoValue {
  if (elem === 'string') return '';
  if (elem === 'bool') return false;
  if (elem === 'float64') return 0;
  return /^u?int\d*$/.test(elem) ? new GoInt(0, elem === 'int64' ? 'int64' : 'int') : null;
}
