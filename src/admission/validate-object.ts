import { type ErrorCode, LatchkeyError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Decide } from './admit-review.ts';
import { checkClusterExternalSecret } from './check-cluster-external-secret.ts';
import { type CheckDefinitionOptions, checkExternalSecret } from './check-external-secret.ts';
import { checkSecretStore, type CheckStoreOptions } from './check-secret-store.ts';
import type { Decision } from './decision.ts';
import type { Findings } from './findings.ts';
import { type Manifest, parseValidationRequest, type ValidatedKind } from './validation-request.ts';

export interface ValidateObjectOptions {
  readonly definitions: CheckDefinitionOptions;
  readonly stores: CheckStoreOptions;
  readonly log: Log;
}

const CODES = {
  ExternalSecret: 'EXTERNAL_SECRET_INVALID',
  ClusterExternalSecret: 'EXTERNAL_SECRET_INVALID',
  SecretStore: 'STORE_INVALID',
  ClusterSecretStore: 'STORE_INVALID',
} as const satisfies Record<ValidatedKind, ErrorCode>;

/**
 * Refuses a store or definition of ours with all its mistakes at once, and warns about what is odd. External Secrets gives
 * its texts a line each; they are the same here, after their paths and separated by semicolons, because many readers of an
 * API server's answer show its first line only.
 */
export function createValidateObject(options: ValidateObjectOptions): Decide {
  return async (request) => {
    const { uid, manifest, isSettled } = parseValidationRequest(request);
    if (isSettled) return { kind: 'unchanged', warnings: [] };
    try {
      return decide(manifest, await check(manifest, options));
    } catch (err) {
      // Failing open here as well: a fault of ours must not keep anybody from applying anything.
      options.log.error({ err, uid }, 'an object could not be checked');
      return { kind: 'unchanged', warnings: [`Latchkey could not check this object (request ${uid})`] };
    }
  };
}

function check(manifest: Manifest, { definitions, stores }: ValidateObjectOptions): Promise<Findings> {
  switch (manifest.kind) {
    case 'ExternalSecret':
      return checkExternalSecret(manifest, definitions);
    case 'ClusterExternalSecret':
      return checkClusterExternalSecret(manifest, definitions);
    case 'SecretStore':
    case 'ClusterSecretStore':
      return checkSecretStore(manifest, stores);
  }
}

function decide({ kind, name }: Manifest, findings: Findings): Decision {
  const { problems, warnings } = findings;
  if (problems.length === 0) return { kind: 'unchanged', warnings };
  if (findings.class !== 'ours') return { kind: 'unchanged', warnings: [...problems, ...warnings] };
  const problem = new LatchkeyError(CODES[kind], problems.join('; '), {
    where: `${kind} "${name}"`,
    hint: 'Correct it and apply it again',
  });
  return { kind: 'denied', problems: [problem], warnings };
}
