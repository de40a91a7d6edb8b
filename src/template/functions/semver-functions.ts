import { TemplateError } from '../template-error.ts';
import type { Evaluation, FunctionTable } from '../template-function.ts';
import { spendBytes, textAt } from './arguments.ts';
import { compileConstraint } from './semver-constraint.ts';
import { parseVersion, type Version, versionValue } from './semver-version.ts';

export const SEMVER_FUNCTIONS: FunctionTable = {
  semver: {
    params: ['string'],
    call: (args, evaluation) => versionValue(read(textAt(args, 0), evaluation)),
  },
  semverCompare: {
    params: ['string', 'string'],
    call(args, evaluation) {
      spendBytes(evaluation, 64 * textAt(args, 0).length);
      const isFitting = compileConstraint(textAt(args, 0));
      if (isFitting === undefined) throw new TemplateError('invalid version constraint');
      return isFitting(read(textAt(args, 1), evaluation));
    },
  },
};

function read(text: string, evaluation: Evaluation): Version {
  spendBytes(evaluation, text.length);
  const version = parseVersion(text);
  if (version === undefined) throw new TemplateError('invalid version');
  return version;
}
