import { TemplateError } from './template-error.ts';

/** Twice what any template may write. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 500;

/**
 * What one call may print. Values may hold the same list twice at each of many levels, and maps themselves: their text has
 * no bound of its own.
 */
export class PrintLimit {
  #bytes = 0;

  take(text: string): string {
    this.#bytes += text.length + 1;
    if (this.#bytes > MAX_BYTES) throw new TemplateError('the text of a value is too large');
    return text;
  }

  checkDepth(depth: number): void {
    if (depth > MAX_DEPTH) throw new TemplateError('a value is nested too deeply to be printed');
  }
}
