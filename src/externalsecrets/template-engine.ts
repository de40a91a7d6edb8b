import { LatchkeyError } from '../errors.ts';
import type { SecretValue } from '../secret-value.ts';
import { TemplateError } from '../template/template-error.ts';
import type { Content } from './content.ts';

/** Go's templates. Throws TemplateError; needs whatever was loaded before it was made. */
export interface TemplateEngine {
  /** `name` is what messages call the template. */
  render(name: string, text: string, root: Content): SecretValue;
}

/** Parses templates and executes none. Throws TemplateError, which says line and column. */
export interface TemplateChecker {
  check(text: string): void;
}

/** Renders, and says TEMPLATE_FAILED of a template that cannot be parsed or executed. Its text names no value. */
export function renderTemplate(engine: TemplateEngine, name: string, text: string, root: Content): SecretValue {
  try {
    return engine.render(name, text, root);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new LatchkeyError('TEMPLATE_FAILED', error.message, { hint: 'Correct the template', cause: error });
  }
}
