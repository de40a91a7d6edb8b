import { parse } from '@evertdespiegeleer/go-template';
import { Budget, DEFAULT_LIMITS } from '../../../src/template/budget.ts';
import { BUILTIN_FUNCTIONS } from '../../../src/template/builtin-functions.ts';
import { executeTemplate } from '../../../src/template/execute.ts';
import { parseTemplate } from '../../../src/template/parse-template.ts';
import { GoList, GoMap, type GoValue } from '../../../src/template/value.ts';

/** What a template came to. */
export type Outcome = { readonly text: string } | { readonly error: string };

/** What Go's own engine, compiled to WebAssembly, makes of it. */
export async function renderWithGo(template: string, data: object): Promise<Outcome> {
  try {
    return { text: await parse(template, data) };
  } catch (error) {
    return { error: messageOf(error) };
  }
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
    return { error: messageOf(error) };
  }
}

/**
 * The error without its address, which the other engine leaves out where execution failed, and without what Go adds of
 * values, which ours never shows.
 */
export function comparable(outcome: Outcome): Outcome {
  if ('text' in outcome) return outcome;
  const error = outcome.error
    .replace(/^Template parse error: /, '')
    .replace(/^template: tpl:(?:\d+:)* executing "[^"]*" at <.*?>: (?=[a-z"\d-])/s, '')
    .replace(/^template: tpl: (?=template)/, 'template: ')
    .replace(/^(range can't iterate over) .*$/s, '$1 …')
    .replace(/^(can't evaluate field \w+ in type) .*$/, '$1 …')
    .replace(/^(error calling \w+: non-comparable types?) .*$/s, '$1 …')
    .replace(/non-comparable types …/, 'non-comparable type …')
    .replace(/^(error calling (?:index|len|call)): .*$/s, '$1: …');
  return { error };
}

function toGo(value: unknown): GoValue {
  if (Array.isArray(value)) return new GoList(value.map(toGo));
  if (typeof value === 'object' && value !== null) {
    return new GoMap(Object.entries(value).map(([key, item]) => [key, toGo(item)]));
  }
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('latin1');
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
