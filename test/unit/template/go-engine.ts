import { parse } from '@evertdespiegeleer/go-template';
import { Budget, DEFAULT_LIMITS } from '../../../src/template/budget.ts';
import { BUILTIN_FUNCTIONS } from '../../../src/template/builtin-functions.ts';
import { executeTemplate } from '../../../src/template/execute.ts';
import { parseTemplate } from '../../../src/template/parse-template.ts';
import { GoList, GoMap, type GoValue } from '../../../src/template/value.ts';

/** What a template came to. */
export type Outcome = { readonly text: string } | { readonly error: string };

// The package keeps no more of an error than its last words; what it calls has all of them.
await parse('', {});
const { Render: renderInGo } = globalThis as unknown as { readonly Render: (template: string, json: string) => string };

/** What Go's own engine, compiled to WebAssembly, makes of it. */
export function renderWithGo(template: string, data: object): Outcome {
  const text = renderInGo(template, JSON.stringify(data));
  const error = /^Template (?:parse|exec) error: (.*)$/s.exec(text)?.[1];
  return error === undefined ? { text } : { error };
}

/** What ours makes of it, over the same values: an untyped map, where External Secrets has one of strings. */
export function render(template: string, data: object): Outcome {
  try {
    const parsed = parseTemplate('tpl', template, { hasFunction: (name) => Object.hasOwn(BUILTIN_FUNCTIONS, name) });
    const budget = new Budget(DEFAULT_LIMITS);
    const evaluation = { now: new Date(0), randomBytes: () => new Uint8Array(), spend: () => {} };
    const bytes = executeTemplate(parsed, toGo(data), { functions: BUILTIN_FUNCTIONS, budget, evaluation });
    return { text: Buffer.from(bytes, 'latin1').toString('utf8') };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** The texts of Go that ours has other words for: they show values, or speak of Go's insides. */
const OTHER_WORDS: readonly (readonly [go: RegExp, ours: string])[] = [
  [/(range can't iterate over) (?!a value of type).*$/s, '$1 …'],
  [/(range can't iterate over) a value of type .*$/s, '$1 …'],
  [/(can't use) .*( to iterate over more than one variable)$/s, '$1 …$2'],
  [/(non-comparable type)s? .*$/s, '$1 …'],
  [/(non-function) .*?(of type)/s, '$1 $2'],
  [/(invalid slice index): .*$/s, '$1'],
  [/(index out of range): -?\d+$/, '$1'],
  [/reflect: (?:string|slice) (index out of range)$/, '$1'],
  [/reflect: call of reflect.Value.Type on zero Value$/, 'len of nil pointer'],
  [/(cannot index slice\/array with) (?:nil|type .*)$/s, '$1 …'],
];

/** All the rest is compared letter by letter: line, column, node and message. */
export function comparable(outcome: Outcome): Outcome {
  if ('text' in outcome) return outcome;
  return { error: OTHER_WORDS.reduce((error, [words, other]) => error.replace(words, other), outcome.error) };
}

function toGo(value: unknown): GoValue {
  if (Array.isArray(value)) return new GoList(value.map(toGo));
  if (typeof value === 'object' && value !== null) {
    return new GoMap(Object.entries(value).map(([key, item]) => [key, toGo(item)]));
  }
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('latin1');
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
