import { TemplateError } from '../template-error.ts';

/** Puts `context` before the text of an error. What a library says is left out: it may repeat its input. */
export function withContext<T>(context: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new TemplateError(`${context}: ${error instanceof TemplateError ? error.message : 'malformed data'}`);
  }
}
