import { TemplateError } from '../template-error.ts';
import type { FunctionTable, TemplateFunction } from '../template-function.ts';
import { GoList, GoMap, type GoValue } from '../value.ts';
import { isEmpty } from './is-empty.ts';

/** Values for what is empty, and what is empty at all. */
export const DEFAULT_FUNCTIONS: FunctionTable = {
  default: {
    params: ['any'],
    variadic: 'any',
    call: ([fallback = null, given = null]) => (isEmpty(given) ? fallback : given),
  },
  empty: { params: ['any'], call: ([value = null]) => isEmpty(value) },
  coalesce: { params: [], variadic: 'any', call: (args) => args.find((value) => !isEmpty(value)) ?? null },
  all: { params: [], variadic: 'any', call: (args) => !args.some(isEmpty) },
  any: { params: [], variadic: 'any', call: (args) => args.some((value) => !isEmpty(value)) },
  ternary: { params: ['any', 'any', 'bool'], call: ([yes = null, no = null, which]) => (which === true ? yes : no) },
  deepCopy: deepCopy(),
  mustDeepCopy: deepCopy(),
};

function deepCopy(): TemplateFunction {
  return {
    params: ['any'],
    call([value = null], { spend }) {
      if (value === null) throw new TemplateError('deep copy failed');
      return copy(value);

      function copy(item: GoValue): GoValue {
        spend(1);
        if (item instanceof GoList) return new GoList(item.items.map(copy), item.elem, item.isNil);
        if (!(item instanceof GoMap)) return item;
        return new GoMap(
          Array.from(item.entries, ([key, one]) => [key, copy(one)] as const),
          item.elem,
        );
      }
    },
  };
}
