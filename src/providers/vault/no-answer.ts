import { LatchkeyError } from '../../errors.ts';

interface Reason {
  readonly says: string;
  readonly hint: string;
}

const CHECK_ADDRESS = 'Check spec.provider.vault.server and that Vault runs';
const TRUST: Reason = {
  says: 'has a certificate that is not trusted',
  hint: "Put the authority's certificate into spec.provider.vault.caBundle, or name it with caProvider",
};

/** Why no answer came, by the code of the network error. */
const REASONS: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: { says: 'refuses connections', hint: CHECK_ADDRESS },
  ECONNRESET: { says: 'broke the connection', hint: CHECK_ADDRESS },
  ENOTFOUND: { says: 'has no address', hint: 'Check the host name in spec.provider.vault.server' },
  EAI_AGAIN: { says: 'could not be looked up', hint: "Check the cluster's DNS" },
  EHOSTUNREACH: { says: 'cannot be reached', hint: 'Check the network policies between Latchkey and Vault' },
  ENETUNREACH: { says: 'cannot be reached', hint: 'Check the network policies between Latchkey and Vault' },
  UND_ERR_SOCKET: { says: 'broke the connection', hint: CHECK_ADDRESS },
  DEPTH_ZERO_SELF_SIGNED_CERT: TRUST,
  SELF_SIGNED_CERT_IN_CHAIN: TRUST,
  UNABLE_TO_GET_ISSUER_CERT: TRUST,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST,
  CERT_SIGNATURE_FAILURE: TRUST,
  CERT_UNTRUSTED: TRUST,
  INVALID_CA: TRUST,
  CERT_HAS_EXPIRED: { says: 'has an expired certificate', hint: "Renew Vault's certificate" },
  CERT_NOT_YET_VALID: {
    says: 'has a certificate that is not valid yet',
    hint: "Check Vault's certificate and the clocks",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    says: 'has a certificate for another name',
    hint: "Use a name of the certificate in spec.provider.vault.server, or add this one to Vault's certificate",
  },
  EPROTO: {
    says: 'does not agree on TLS',
    hint: 'Check whether Vault speaks https at spec.provider.vault.server and whether it wants a client certificate (tls)',
  },
};

const TIMEOUTS = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** A request that got no answer: the deadline, or a network error. The foreign error is dropped, it may hold the request. */
export function noAnswer(error: unknown, host: string, signal: AbortSignal): LatchkeyError {
  const code = codeOf(error);
  if (signal.aborted || TIMEOUTS.has(code)) {
    return new LatchkeyError('PROVIDER_TIMEOUT', `Vault at ${host} did not answer in time`, {
      hint: 'Check whether Vault is slow or a network policy drops the connection',
    });
  }
  const reason = REASONS[code] ?? (/^ERR_(SSL|TLS|OSSL)_/.test(code) ? REASONS['EPROTO'] : undefined);
  return new LatchkeyError('PROVIDER_UNAVAILABLE', `Vault at ${host} ${reason?.says ?? 'could not be asked'}`, {
    hint: reason?.hint ?? CHECK_ADDRESS,
  });
}

/** The code of the error, or of the first one inside it that has one. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner === error ? '' : codeOf(inner);
}
