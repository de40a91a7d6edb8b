import { LatchkeyError } from '../errors.ts';

/** The other side of a connection, as messages call it, and the store's fields that are about it. */
export interface Peer {
  /** Such as `Vault`. */
  readonly name: string;
  /** Host and port. */
  readonly host: string;
  /** The field with its address, such as `spec.provider.vault.server`. */
  readonly addressField: string;
  /** The field with its authority's certificate, beside which `caProvider` may stand. */
  readonly caField: string;
}

interface Reason {
  readonly says: string;
  readonly hint: (peer: Peer) => string;
}

const UNREACHABLE: Reason = {
  says: 'cannot be reached',
  hint: ({ name }) => `Check the network policies between Latchkey and ${name}`,
};
const BROKEN: Reason = { says: 'broke the connection', hint: checkAddress };
const UNTRUSTED: Reason = {
  says: 'has a certificate that is not trusted',
  hint: ({ caField }) => `Put the authority's certificate into ${caField}, or name it with caProvider`,
};

/** Why no answer came, by the code of the network error. */
const REASONS: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: { says: 'refuses connections', hint: checkAddress },
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
  UND_ERR_SOCKET: BROKEN,
  ENOTFOUND: { says: 'has no address', hint: ({ addressField }) => `Check the host name in ${addressField}` },
  EAI_AGAIN: { says: 'could not be looked up', hint: () => "Check the cluster's DNS" },
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  INVALID_CA: UNTRUSTED,
  CERT_HAS_EXPIRED: { says: 'has an expired certificate', hint: ({ name }) => `Renew ${name}'s certificate` },
  CERT_NOT_YET_VALID: {
    says: 'has a certificate that is not valid yet',
    hint: ({ name }) => `Check ${name}'s certificate and the clocks`,
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    says: 'has a certificate for another name',
    hint: ({ name, addressField }) =>
      `Use a name of the certificate in ${addressField}, or add this one to ${name}'s certificate`,
  },
  EPROTO: {
    says: 'does not agree on TLS',
    hint: ({ name, addressField }) =>
      `Check whether ${name} speaks https at ${addressField} and whether it wants a client certificate`,
  },
};

const TIMEOUTS = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** A request that got no answer: the deadline, or a network error. The foreign error is dropped, it may hold the request. */
export function noAnswer(error: unknown, peer: Peer, signal: AbortSignal): LatchkeyError {
  const code = codeOf(error);
  const title = titleOf(peer);
  if (signal.aborted || isTimeout(code)) {
    return new LatchkeyError('PROVIDER_TIMEOUT', `${title} did not answer in time`, {
      hint: `Check whether ${peer.name} is slow or a network policy drops the connection`,
    });
  }
  const reason = REASONS[code] ?? (/^ERR_(SSL|TLS|OSSL)_/.test(code) ? REASONS['EPROTO'] : undefined);
  return new LatchkeyError('PROVIDER_UNAVAILABLE', `${title} ${reason?.says ?? 'could not be asked'}`, {
    hint: (reason?.hint ?? checkAddress)(peer),
  });
}

/** Such as `Vault at vault.example.com:8200`. */
export function titleOf({ name, host }: Pick<Peer, 'name' | 'host'>): string {
  return `${name} at ${host}`;
}

function checkAddress({ name, addressField }: Peer): string {
  return `Check ${addressField} and that ${name} runs`;
}

/** Whether the code says that somebody waited too long for a connection or an answer. */
export function isTimeout(code: string): boolean {
  return TIMEOUTS.has(code);
}

/** The code of the error, or of the first one inside it that has one. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner === error ? '' : codeOf(inner);
}
