/** A template that cannot be parsed or executed, or a function's own error. The text may name keys and types, never values. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}
