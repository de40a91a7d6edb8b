import { LatchkeyError } from '../errors.ts';
import { codeOf, isTimeout } from './no-answer.ts';

/** A service of a cloud, whose address and certificate are the cloud's own and not the store's. */
export interface CloudService {
  /** `Google` */
  readonly cloud: string;
  /** What messages call it: its host, or its name and host. */
  readonly title: string;
  /** What to check where the host has no address: which field it follows from. */
  readonly noAddressHint: string;
}

interface Reason {
  readonly says: string;
  readonly hint: string;
}

const TRUST =
  "Check what answers there; a proxy's or private endpoint's own authority goes into NODE_EXTRA_CA_CERTS of Latchkey";

const SAYS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'broke the connection',
  EPIPE: 'broke the connection',
  UND_ERR_SOCKET: 'broke the connection',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
};

const DISTRUST: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a certificate that is not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'has a certificate that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'has a certificate that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'has a certificate that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'has a certificate that is not trusted',
  CERT_HAS_EXPIRED: 'has an expired certificate',
  CERT_NOT_YET_VALID: 'has a certificate that is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another name',
  EPROTO: 'does not agree on TLS',
};

/** A request that got no answer of the cloud's. `otherwise` is said of errors of no known network code. The foreign error is dropped. */
export function cloudNoAnswer(
  error: unknown,
  { cloud, title, noAddressHint }: CloudService,
  signal: AbortSignal,
  otherwise?: Reason,
): LatchkeyError {
  const network = `Check the network policies and routes between Latchkey and ${cloud}`;
  const code = codeOf(error);
  if (signal.aborted || isTimeout(code)) {
    return new LatchkeyError('PROVIDER_TIMEOUT', `${title} did not answer in time`, {
      hint: `${network}, and whether ${cloud} reports trouble`,
    });
  }
  const { says, hint } = reasonOf(code, network, noAddressHint) ??
    otherwise ?? { says: 'could not be asked', hint: network };
  return new LatchkeyError('PROVIDER_UNAVAILABLE', `${title} ${says}`, { hint });
}

function reasonOf(code: string, network: string, noAddressHint: string): Reason | undefined {
  if (code === 'ENOTFOUND') return { says: 'has no address', hint: noAddressHint };
  if (code === 'EAI_AGAIN') return { says: 'could not be looked up', hint: "Check the cluster's DNS" };
  const says = Object.hasOwn(SAYS, code) ? SAYS[code] : undefined;
  if (says !== undefined) return { says, hint: network };
  const tls = /^ERR_(SSL|TLS|OSSL)_/.test(code) && !Object.hasOwn(DISTRUST, code) ? 'EPROTO' : code;
  const distrust = Object.hasOwn(DISTRUST, tls) ? DISTRUST[tls] : undefined;
  return distrust === undefined ? undefined : { says: distrust, hint: TRUST };
}
