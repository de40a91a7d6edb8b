import { InterfaceValue, type Value } from './interface-value.ts';
import type { Operand } from './node.ts';
import { printNode } from './print-node.ts';
import type { ParamType } from './template-function.ts';
import { typeName } from './type-name.ts';
import { GoInt, GoList, GoMap, GoStruct, type GoValue } from './value.ts';

/** Go's own name of each parameter type, for messages. */
const NAMES: Readonly<Record<ParamType, string>> = {
  any: 'interface {}',
  string: 'string',
  bool: 'bool',
  int: 'int',
  int64: 'int64',
  uint8: 'uint8',
  float64: 'float64',
  'string-list': '[]string',
  dict: 'map[string]interface {}',
  time: 'time.Time',
  duration: 'time.Duration',
};

/** Types whose zero value stands for nil. */
const NILABLE: ReadonlySet<ParamType> = new Set<ParamType>(['any', 'string-list', 'dict']);

export type Checked = { readonly value: GoValue } | { readonly problem: string };

/** A value that was evaluated, for a parameter of that type; Go converts nothing here. */
export function checkValue(value: Value, type: ParamType): Checked {
  if (value === undefined)
    return NILABLE.has(type) ? { value: zeroOf(type) } : { problem: `invalid value; expected ${NAMES[type]}` };
  const inside = value instanceof InterfaceValue ? value.inside : value;
  if (fits(inside, type)) return { value: inside };
  const got = inside === null ? NAMES.any : typeName(inside);
  return {
    problem: `wrong type for value; expected ${NAMES[type]}; got ${got}`,
  };
}

/** The word `nil` as an argument. */
export function checkNil(type: ParamType): Checked {
  return NILABLE.has(type) ? { value: zeroOf(type) } : { problem: `cannot assign nil to ${NAMES[type]}` };
}

/** A constant becomes what the parameter is, where it can; `ideal` is what it is where anything goes. */
export function checkConstant(
  node: Extract<Operand, { kind: 'bool' | 'string' | 'number' }>,
  type: ParamType,
  ideal: () => Exclude<GoValue, null>,
): Checked {
  const found = `found ${printNode(node)}`;
  switch (type) {
    case 'any':
      return { value: ideal() };
    case 'bool':
      return node.kind === 'bool' ? { value: node.value } : { problem: `expected bool; ${found}` };
    case 'string':
      return node.kind === 'string' ? { value: node.value } : { problem: `expected string; ${found}` };
    case 'int':
    case 'int64':
    case 'duration': {
      if (node.kind !== 'number' || node.int === undefined) return { problem: `expected integer; ${found}` };
      return { value: new GoInt(node.int, type === 'int' ? 'int' : 'int64') };
    }
    case 'uint8': {
      if (node.kind !== 'number' || node.uint === undefined) return { problem: `expected unsigned integer; ${found}` };
      return { value: new GoInt(node.uint, 'uint8') };
    }
    case 'float64': {
      if (node.kind !== 'number' || node.float === undefined) return { problem: `expected float; ${found}` };
      return { value: node.float };
    }
    case 'string-list':
    case 'dict':
    case 'time':
      return {
        problem: `can't handle ${printNode(node)} for arg of type ${NAMES[type]}`,
      };
  }
}

function zeroOf(type: ParamType): GoValue {
  if (type === 'dict') return new GoMap();
  return type === 'string-list' ? new GoList([], 'string') : null;
}

function fits(value: GoValue, type: ParamType): boolean {
  switch (type) {
    case 'any':
      return true;
    case 'string':
    case 'bool':
      return typeof value === (type === 'bool' ? 'boolean' : 'string');
    case 'float64':
      return typeof value === 'number';
    case 'int':
    case 'int64':
    case 'uint8':
      return value instanceof GoInt && value.kind === type;
    case 'string-list':
      return value instanceof GoList && value.elem === 'string';
    case 'dict':
      return value instanceof GoMap && value.elem === 'interface {}';
    case 'time':
    case 'duration':
      return value instanceof GoStruct && value.type === NAMES[type];
  }
}
