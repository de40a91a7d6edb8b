import { randomBytes } from 'node:crypto';
import { fromByteString, toByteString } from '../byte-string.ts';
import type { SecretValue } from '../secret-value.ts';
import { Budget, DEFAULT_LIMITS, type TemplateLimits } from './budget.ts';
import { BUILTIN_FUNCTIONS } from './builtin-functions.ts';
import { executeTemplate } from './execute.ts';
import { parseTemplate } from './parse-template.ts';
import type { Evaluation, FunctionTable } from './template-function.ts';
import { TemplateError } from './template-error.ts';
import { GoMap } from './value.ts';

export interface GoTemplatesOptions {
  /** Beside Go's own; they win over those. */
  readonly functions: FunctionTable;
  readonly limits?: TemplateLimits;
  readonly now?: () => Date;
}

/**
 * Go's text/template over strings, as External Secrets has it. All that it throws is TemplateError, whose text holds no value.
 *
 * It differs from Go where Go's messages show values (`range can't iterate over …`, `index out of range: …`), in limits
 * (budget.ts, print-limit.ts, parse-pipeline.ts), in complex numbers, which it refuses, and in `%p`: nothing has an address.
 */
export interface GoTemplates {
  /** `name` is what messages call the template; the root is a map[string]string. */
  render(name: string, text: string, root: ReadonlyMap<string, SecretValue>): SecretValue;
  /** Only reads the template. */
  check(name: string, text: string): void;
}

export function createGoTemplates({ functions: own, limits = DEFAULT_LIMITS, now }: GoTemplatesOptions): GoTemplates {
  const functions: FunctionTable = { ...BUILTIN_FUNCTIONS, ...own };
  const hasFunction = (name: string) => Object.hasOwn(functions, name);

  return {
    render(name, text, root) {
      return guard(name, () => {
        const parsed = parseTemplate(name, text, { hasFunction });
        const budget = new Budget(limits);
        const evaluation: Evaluation = {
          now: now?.() ?? new Date(),
          randomBytes: (size) => randomBytes(size),
          spend: (steps) => budget.spend(steps),
        };
        const entries = Array.from(root, ([key, value]) => [toKey(key), toByteString(value)] as const);
        const output = executeTemplate(parsed, new GoMap(entries, 'string'), { functions, evaluation, budget });
        return fromByteString(output);
      });
    },

    check(name, text) {
      guard(name, () => parseTemplate(name, text, { hasFunction }));
    },
  };
}

/** Depths and sizes are bounded; should the stack end all the same, that is the template's fault too. */
function guard<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError)
      throw new TemplateError(`template: ${name}: it is nested too deeply, or too large`);
    throw error;
  }
}

function toKey(key: string): string {
  return Buffer.from(key, 'utf8').toString('latin1');
}
