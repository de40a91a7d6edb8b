import { LatchkeyError } from '../../errors.ts';
import { oauthComplaintOf } from './answer.ts';
import type { HttpAnswer } from './http.ts';
import { notAzure, troubleOf, unexplained } from './trouble.ts';

/** A login at Entra, and how messages call those who take part. */
export interface EntraStep {
  readonly who: string;
  readonly clientId: string;
  readonly tenantId: string;
  /** What names the client id. */
  readonly source: string;
  readonly resource: string;
  /** With what it is proved. */
  readonly proof: 'federation' | 'secret' | 'certificate';
  /** Of the ServiceAccount's token, for whoever writes the federated credential. */
  readonly token?: { readonly issuer: string; readonly subject: string; readonly audience: string };
}

type Explain = (step: EntraStep) => readonly [says: string, hint: string];

/** By the number in AADSTS…. Microsoft may add and split them, so those that are not here are told in general. */
const REASONS: Readonly<Record<number, Explain>> = {
  70021: noFederatedCredential,
  700211: noFederatedCredential,
  700212: noFederatedCredential,
  700213: noFederatedCredential,
  7002138: noFederatedCredential,
  700016: ({ tenantId, source }) => [
    `tenant ${tenantId} has no application or managed identity of that id`,
    `Correct ${source}, or the tenant`,
  ],
  700024: () => [
    'the time it is valid in has not come or is over',
    'Check the clocks of the API server and of Latchkey',
  ],
  700027: () => [
    'the application has no such certificate',
    'Upload the certificate: az ad app credential reset --cert, or correct authSecretRef.clientCertificate',
  ],
  7000112: ({ clientId }) => [
    'the application is disabled',
    `Enable it: az ad sp update --id ${clientId} --set accountEnabled=true`,
  ],
  7000215: () => ['the secret is wrong', 'Write the value of the client secret, not its id, into the Secret'],
  7000222: ({ clientId }) => ['the secret has expired', `Make a new one: az ad app credential reset --id ${clientId}`],
  90002: noTenant,
  900023: noTenant,
  500011: ({ resource }) => [
    `the tenant knows no service ${resource}`,
    'Correct spec.provider.azurekv.environmentType',
  ],
  53003: () => [
    'a Conditional Access policy of the tenant blocks it',
    "Let the identity in from Latchkey's network in that policy",
  ],
};

/** Errors of OAuth's that pass. */
const PASSING = new Set(['temporarily_unavailable', 'server_error']);

/** The error that an answer of Entra without a token means. What was sent may stand in its words: they are never repeated. */
export function fromEntraAnswer(answer: HttpAnswer, step: EntraStep): LatchkeyError {
  const trouble = troubleOf(answer);
  if (trouble !== undefined) return trouble;
  const complaint = oauthComplaintOf(answer);
  if (complaint === undefined) return notAzure(answer);
  if (PASSING.has(complaint.error) || ![400, 401, 403].includes(answer.status)) return unexplained(answer);

  const { who, clientId, tenantId } = step;
  const explain = complaint.codes.map((code) => REASONS[code]).find((reason) => reason !== undefined);
  const [says, hint] = explain?.(step) ?? inGeneral(step);
  const number = complaint.codes[0] === undefined ? '' : ` (AADSTS${complaint.codes[0]})`;
  const message = `Microsoft Entra refused ${who} as client ${clientId} of tenant ${tenantId}: ${says}${number}`;
  return new LatchkeyError('IDENTITY_REJECTED', message, { hint });
}

/** The same for the metadata service of the node. */
export function fromImdsAnswer(answer: HttpAnswer, identityId: string | undefined): LatchkeyError {
  if (answer.status !== 400 || oauthComplaintOf(answer) === undefined) return troubleOf(answer) ?? notAzure(answer);
  const which =
    identityId === undefined ? 'no managed identity of its own' : `no managed identity with client id ${identityId}`;
  return new LatchkeyError('IDENTITY_REJECTED', `the node of Latchkey has ${which}`, {
    hint: "Assign the identity to the node's virtual machine scale set, or correct spec.provider.azurekv.identityId",
  });
}

function noFederatedCredential({ clientId, source, token }: EntraStep): readonly [string, string] {
  const credential =
    token === undefined
      ? ''
      : ` with issuer ${token.issuer}, subject ${token.subject} and audience ${token.audience}, letter by letter`;
  return [
    'no federated credential of it matches the token',
    `Add one to client ${clientId}${credential}; or correct ${source}`,
  ];
}

function noTenant({ tenantId }: EntraStep): readonly [string, string] {
  return [
    `there is no tenant ${tenantId} in this cloud`,
    'Correct spec.provider.azurekv.tenantId or environmentType, or the annotation azure.workload.identity/tenant-id',
  ];
}

function inGeneral({ proof, source, token }: EntraStep): readonly [string, string] {
  if (proof !== 'federation')
    return [`its ${proof} is not accepted`, `Check ${source} and the ${proof}, and that it has not expired`];
  const keys = token === undefined ? 'the issuer' : token.issuer;
  return [
    'its token is not accepted',
    `Check ${source}, its federated credential, and that Entra can read the keys of ${keys} from the internet`,
  ];
}
