import { LatchkeyError } from '../../errors.ts';

const NETWORK = 'Check the network policies and routes between Latchkey and Azure';
const TRUST =
  "Check what answers there; a proxy's or private endpoint's own authority goes into NODE_EXTRA_CA_CERTS of Latchkey";

/** Why no answer came, by the code of the network error: what to say, and what to do. */
const REASONS: Readonly<Record<string, readonly [says: string, hint: string]>> = {
  ECONNREFUSED: ['refuses connections', NETWORK],
  ECONNRESET: ['broke the connection', NETWORK],
  EPIPE: ['broke the connection', NETWORK],
  UND_ERR_SOCKET: ['broke the connection', NETWORK],
  EHOSTUNREACH: ['cannot be reached', NETWORK],
  ENETUNREACH: ['cannot be reached', NETWORK],
  ENOTFOUND: [
    'has no address',
    "Check that the name in spec.provider.azurekv.vaultUrl is right and that the vault was not deleted; and the cluster's DNS",
  ],
  EAI_AGAIN: ['could not be looked up', "Check the cluster's DNS"],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['has a certificate that is not trusted', TRUST],
  SELF_SIGNED_CERT_IN_CHAIN: ['has a certificate that is not trusted', TRUST],
  UNABLE_TO_GET_ISSUER_CERT: ['has a certificate that is not trusted', TRUST],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['has a certificate that is not trusted', TRUST],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['has a certificate that is not trusted', TRUST],
  CERT_HAS_EXPIRED: ['has an expired certificate', TRUST],
  CERT_NOT_YET_VALID: ['has a certificate that is not valid yet', TRUST],
  ERR_TLS_CERT_ALTNAME_INVALID: ['has a certificate for another name', TRUST],
  EPROTO: ['does not agree on TLS', TRUST],
};

const TIMEOUTS = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** A request that got no answer: the deadline, or a network error. The foreign error is dropped, it may hold the request. */
export function noAnswer(error: unknown, host: string, signal: AbortSignal): LatchkeyError {
  const code = codeOf(error);
  if (signal.aborted || TIMEOUTS.has(code)) {
    return new LatchkeyError('PROVIDER_TIMEOUT', `${host} did not answer in time`, {
      hint: `${NETWORK}, and whether Azure reports trouble`,
    });
  }
  const [says, hint] = REASONS[code] ??
    (/^ERR_(SSL|TLS|OSSL)_/.test(code) ? REASONS['EPROTO'] : undefined) ?? ['could not be asked', NETWORK];
  return new LatchkeyError('PROVIDER_UNAVAILABLE', `${host} ${says}`, { hint });
}

/** The code of the error, or of the first one inside it that has one. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner === error ? '' : codeOf(inner);
}
