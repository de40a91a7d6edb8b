import { TemplateError } from '../template-error.ts';
import { kindName } from '../type-name.ts';
import { GoList, type GoValue } from '../value.ts';

/** The items of a list; for anything else TemplateError: `Cannot push on type string`. */
export function itemsOf(value: GoValue, doing: string): readonly GoValue[] {
  if (value instanceof GoList) return value.items;
  throw new TemplateError(`Cannot ${doing} type ${kindName(value)}`);
}
