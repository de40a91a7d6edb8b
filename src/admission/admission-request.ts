import { isMapping } from '../fields.ts';
import { LatchkeyError } from '../errors.ts';

/** As much of an AdmissionReview's request as we act on. Nothing in it is trusted: by default the caller is not authenticated. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly namespace: string;
  readonly operation: 'CREATE' | 'UPDATE';
  /** Empty, or `ephemeralcontainers`. */
  readonly subResource: string;
  readonly dryRun: boolean;
  /** The Pod. */
  readonly object: Readonly<Record<string, unknown>>;
  readonly oldObject: unknown;
}

/** Throws MANIFEST_INVALID for a review of anything that our registration does not ask for. */
export function parseRequest(request: Readonly<Record<string, unknown>>): AdmissionRequest {
  const { uid, namespace, operation, subResource, dryRun, object, oldObject, resource } = request;
  const isPod = isMapping(resource) && resource['group'] === '' && resource['resource'] === 'pods';
  const sub = typeof subResource === 'string' ? subResource : '';
  const isKnown = (operation === 'CREATE' && sub === '') || (operation === 'UPDATE' && sub === 'ephemeralcontainers');
  if (!isPod || !isKnown || typeof namespace !== 'string' || namespace === '' || !isMapping(object)) {
    throw new LatchkeyError('MANIFEST_INVALID', 'the review is of no Pod being created and of no ephemeral container', {
      hint: 'Register Latchkey for CREATE of pods and UPDATE of pods/ephemeralcontainers only, as the chart does',
    });
  }
  return {
    uid: typeof uid === 'string' ? uid : '',
    namespace,
    operation: operation === 'CREATE' ? 'CREATE' : 'UPDATE',
    subResource: sub,
    dryRun: dryRun === true,
    object,
    oldObject,
  };
}
