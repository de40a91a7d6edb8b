import { deepEqual } from '../deep-equal.ts';
import type { FunctionTable } from '../template-function.ts';
import { kindName, typeName } from '../type-name.ts';
import { textAt, valueAt } from './arguments.ts';

/** What a value is. */
export const REFLECTION_FUNCTIONS: FunctionTable = {
  typeOf: { params: ['any'], call: (args) => typeName(valueAt(args, 0)) },
  typeIs: { params: ['string', 'any'], call: (args) => typeName(valueAt(args, 1)) === textAt(args, 0) },
  typeIsLike: {
    params: ['string', 'any'],
    call: (args) => [textAt(args, 0), `*${textAt(args, 0)}`].includes(typeName(valueAt(args, 1))),
  },
  kindOf: { params: ['any'], call: (args) => kindName(valueAt(args, 0)) },
  kindIs: { params: ['string', 'any'], call: (args) => kindName(valueAt(args, 1)) === textAt(args, 0) },
  deepEqual: { params: ['any', 'any'], call: (args) => deepEqual(valueAt(args, 0), valueAt(args, 1)) },
};
