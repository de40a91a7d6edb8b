import { TemplateError } from '../../../../src/template/template-error.ts';
import type { Evaluation, FunctionTable } from '../../../../src/template/template-function.ts';
import type { GoValue } from '../../../../src/template/value.ts';

const MAX_STEPS = 2_000_000;

/** A fixed clock, counting bytes for chance, and as many steps as a template has. */
export function anEvaluation(overrides: Partial<Evaluation> = {}): Evaluation {
  let steps = 0;
  let byte = 0;
  return {
    now: new Date('2026-02-03T04:05:06.789Z'),
    randomBytes: (size) => Uint8Array.from({ length: size }, () => byte++),
    spend(count) {
      steps += count;
      if (steps > MAX_STEPS) throw new TemplateError('too many steps');
    },
    ...overrides,
  };
}

/** A caller of one table's functions, by name. */
export function callerOf(table: FunctionTable) {
  return (name: string, args: readonly GoValue[], evaluation = anEvaluation()): GoValue => {
    const found = table[name];
    if (found === undefined) throw new Error(`no function ${name}`);
    return found.call(args, evaluation);
  };
}

/** The byte string of a text. */
export function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
