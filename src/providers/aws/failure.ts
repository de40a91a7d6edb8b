import { isMapping } from '../../fields.ts';

export type Meaning = 'absent' | 'denied' | 'undecryptable' | 'rejected' | 'expired' | 'throttled' | 'invalid' | 'down';

/** What AWS said instead of an answer. Its own words decide, and are never repeated. */
export interface Failure {
  /** Undefined where nothing came, or nothing in AWS's form that is known here. */
  readonly meaning: Meaning | undefined;
  /** AWS's name of the error, without `Exception` at its end. */
  readonly name: string;
  /** Of the HTTP answer; undefined where none came. */
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  says(pattern: RegExp): boolean;
}

/** By AWS's names, which SDK and wire write with and without `Exception`. What is not here is no absence. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ResourceNotFound: 'absent',
  ParameterNotFound: 'absent',
  ParameterVersionNotFound: 'absent',
  InvalidResourceId: 'absent', // what Parameter Store says of the tags of a parameter that is not there

  AccessDenied: 'denied',
  UnauthorizedOperation: 'denied',
  NotAuthorized: 'denied',
  DecryptionFailure: 'undecryptable',
  InvalidKeyId: 'undecryptable',

  UnrecognizedClient: 'rejected',
  InvalidClientTokenId: 'rejected',
  InvalidAccessKeyId: 'rejected',
  InvalidSignature: 'rejected',
  SignatureDoesNotMatch: 'rejected',
  IncompleteSignature: 'rejected',
  MissingAuthenticationToken: 'rejected',
  AuthFailure: 'rejected',
  InvalidIdentityToken: 'rejected',
  IDPRejectedClaim: 'rejected',
  RegionDisabled: 'rejected',
  ExpiredToken: 'expired',
  RequestExpired: 'expired',

  Throttling: 'throttled',
  Throttled: 'throttled',
  RequestThrottled: 'throttled',
  RequestLimitExceeded: 'throttled',
  TooManyRequests: 'throttled',
  SlowDown: 'throttled',

  InvalidRequest: 'invalid',
  InvalidParameter: 'invalid',
  InvalidParameterValue: 'invalid',
  Validation: 'invalid',
  ValidationError: 'invalid',
  MalformedPolicyDocument: 'invalid',
  PackedPolicyTooLarge: 'invalid',

  IDPCommunicationError: 'down',
  InternalServiceError: 'down',
  InternalServerError: 'down',
  InternalFailure: 'down',
  ServiceUnavailable: 'down',
};

const MAX_RETRY_AFTER_MS = 3_600_000;

/** Reads an error of the SDK. */
export function failureOf(error: unknown): Failure {
  const { $metadata: metadata, $response: response } = isMapping(error) ? error : {};
  const status = isMapping(metadata) ? metadata['httpStatusCode'] : undefined;
  const headers = isMapping(response) ? response['headers'] : undefined;
  return failure(
    error instanceof Error ? error.name : '',
    error instanceof Error ? error.message : '',
    typeof status === 'number' ? status : undefined,
    isMapping(headers) ? retryAfter(headers) : undefined,
  );
}

/** What is said of one item inside a batch that was answered. */
export function itemFailure(code: string, message: string): Failure {
  return failure(code, message, 200);
}

function failure(name: string, message: string, status: number | undefined, retryAfterMs?: number): Failure {
  const plain = name.replace(/Exception$/, '');
  const known = Object.hasOwn(MEANINGS, plain) ? MEANINGS[plain] : undefined;
  return {
    name: plain,
    meaning: known ?? meaningOfStatus(status),
    status,
    retryAfterMs,
    says: (pattern) => pattern.test(message),
  };
}

/** Statuses that proxies and load balancers send too. */
function meaningOfStatus(status: number | undefined): Meaning | undefined {
  if (status === 429) return 'throttled';
  return status !== undefined && status >= 500 ? 'down' : undefined;
}

function retryAfter(headers: Readonly<Record<string, unknown>>): number | undefined {
  const seconds = headers['retry-after'];
  if (typeof seconds !== 'string' || !/^\d+$/.test(seconds)) return undefined;
  return Math.min(Number(seconds) * 1000, MAX_RETRY_AFTER_MS);
}
