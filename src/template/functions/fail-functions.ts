import { TemplateError } from '../template-error.ts';
import type { FunctionTable } from '../template-function.ts';

export const FAIL_FUNCTIONS: FunctionTable = {
  /** Go's error is the text that `fail` is given. Ours is not: it may be made of values, and errors are shown. */
  fail: {
    params: ['string'],
    call() {
      throw new TemplateError('the template says so; what it says may hold a value and is not repeated');
    },
  },
};
