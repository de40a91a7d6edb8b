import { type AdmitReview, createAnswerReview } from '../admission/admit-review.ts';
import { createValidateObject } from '../admission/validate-object.ts';
import type { Config } from '../config.ts';
import type { TemplateChecker } from '../externalsecrets/template-engine.ts';
import type { Log } from '../log.ts';
import { providerKinds } from '../providers/registry.ts';
import { createLimitsFor } from '../stores/provider-limits.ts';
import type { Foundation } from './foundation.ts';

export interface ValidationDeps {
  readonly config: Config;
  readonly log: Log;
  readonly loadChecker: () => Promise<TemplateChecker>;
}

/** What answers the reviews of stores and definitions. */
export function createValidation(
  { config, log, loadChecker }: ValidationDeps,
  { stores, namespaces }: Pick<Foundation, 'stores' | 'namespaces'>,
): AdmitReview {
  const validate = createValidateObject({
    definitions: { config, stores, namespaces, loadChecker },
    stores: { providerKinds, limitsFor: createLimitsFor(config), claim: config.stores },
    log,
  });
  return createAnswerReview(validate, log);
}
