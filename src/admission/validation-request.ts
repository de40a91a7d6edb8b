import { LatchkeyError } from '../errors.ts';
import { isMapping } from '../fields.ts';

export const VALIDATED_KINDS = [
  'ExternalSecret',
  'ClusterExternalSecret',
  'SecretStore',
  'ClusterSecretStore',
] as const;
export type ValidatedKind = (typeof VALIDATED_KINDS)[number];

/** An object that somebody applies, as much of it as we look at. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: ValidatedKind;
  /** Empty for what belongs to no namespace. */
  readonly namespace: string;
  /** Where the API server will choose it: the prefix, and `*`. */
  readonly name: string;
  readonly spec: unknown;
}

export interface ValidationRequest {
  readonly uid: string;
  readonly manifest: Manifest;
  /** Nothing to check: being deleted, or changed other than in its spec. Old mistakes must not keep anybody from that. */
  readonly isSettled: boolean;
}

const GROUP = 'external-secrets.io';

/** Throws MANIFEST_INVALID for a review of anything that our registration does not ask for. */
export function parseValidationRequest(request: Readonly<Record<string, unknown>>): ValidationRequest {
  const { uid, operation, kind: kindOf, object, oldObject } = request;
  const { group, version, kind: name } = isMapping(kindOf) ? kindOf : {};
  const kind = VALIDATED_KINDS.find((one) => one === name);
  const isKnown = group === GROUP && kind !== undefined && (operation === 'CREATE' || operation === 'UPDATE');
  if (!isKnown || typeof version !== 'string' || !isMapping(object)) {
    throw new LatchkeyError(
      'MANIFEST_INVALID',
      'the review is of no store and no definition being created or changed',
      {
        hint: `Register Latchkey for CREATE and UPDATE of ${VALIDATED_KINDS.join(', ')} only, as the chart does`,
      },
    );
  }
  const metadata = isMapping(object['metadata']) ? object['metadata'] : {};
  const before = operation === 'UPDATE' && isMapping(oldObject) ? oldObject['spec'] : undefined;
  return {
    uid: typeof uid === 'string' ? uid : '',
    manifest: {
      apiVersion: `${GROUP}/${version}`,
      kind,
      namespace: textOf(request['namespace']),
      name: nameOf(metadata),
      spec: object['spec'],
    },
    isSettled: metadata['deletionTimestamp'] !== undefined || (before !== undefined && isSame(before, object['spec'])),
  };
}

function nameOf({ name, generateName }: Readonly<Record<string, unknown>>): string {
  const given = textOf(name);
  return given === '' ? `${textOf(generateName)}*` : given;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Both come from the same API server, which writes fields in one order. */
function isSame(before: unknown, now: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(now);
}
