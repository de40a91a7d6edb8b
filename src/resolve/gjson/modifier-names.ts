/** Modifiers of gjson, all of which exist here. A path step `@other` is an ordinary key. */
const MODIFIERS = [
  'dig',
  'flatten',
  'fromstr',
  'group',
  'join',
  'keys',
  'pretty',
  'reverse',
  'this',
  'tostr',
  'ugly',
  'valid',
  'values',
] as const;

export type ModifierName = (typeof MODIFIERS)[number];

export function isModifier(name: string): name is ModifierName {
  return MODIFIERS.some((known) => known === name);
}
