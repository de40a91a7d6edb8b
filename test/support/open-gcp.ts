import { onTestFinished } from 'vitest';
import { Fields } from '../../src/fields.ts';
import { createGcpsm } from '../../src/providers/gcpsm/index.ts';
import type { Call, SecretsClient, ServiceAccountFacts } from '../../src/providers/provider.ts';
import { createKubernetesIssuer } from './kubernetes-issuer.ts';
import { type GoogleSecret, type Grant, READ } from './loopback-gcp-secrets.ts';
import type { TokenWorld } from './loopback-gcp-tokens.ts';
import { type LoopbackGcp, startLoopbackGcp } from './loopback-gcp.ts';
import { subjectOf, testIdentity } from './test-identity.ts';

export const CALL: Call = { signal: new AbortController().signal };
export const POOL = 'projects/42/locations/global/workloadIdentityPools/clusters';
export const AUDIENCE = `//iam.googleapis.com/${POOL}/providers/production`;
/** Of a GKE cluster in project acme. */
export const GKE_AUDIENCE =
  'identitynamespace:acme.svc.id.goog:https://container.googleapis.com/v1/projects/acme/locations/europe-west3/clusters/production';

export interface OpenGcpSettings {
  readonly secrets?: Readonly<Record<string, GoogleSecret>>;
  readonly grants?: readonly Grant[];
  /** ServiceAccounts of namespace payments that may read everything; `api` unless told. */
  readonly readers?: readonly string[];
  readonly isDisabled?: boolean;
  readonly world?: Partial<TokenWorld>;
  /** Beside the project, `acme`. */
  readonly block?: object;
  readonly audiences?: readonly string[];
  readonly credentials?: Readonly<Record<string, string>>;
  readonly now?: () => number;
}

export interface OpenGcp {
  readonly server: LoopbackGcp;
  /** As payments/api, unless told. */
  readonly connect: (serviceAccount?: Partial<ServiceAccountFacts>) => Promise<SecretsClient>;
}

/** How IAM policies name a ServiceAccount of the cluster that came through POOL. */
export function memberNamed(name: string, namespace = 'payments'): string {
  return `principal://iam.googleapis.com/${POOL}/subject/${subjectOf({ namespace, name })}`;
}

/** A loopback Google with a store on it, whose project `acme` holds the secrets; closed when the test ends. */
export async function openGcp(settings: OpenGcpSettings = {}): Promise<OpenGcp> {
  const { secrets = {}, grants = [], readers = ['api'], isDisabled = false } = settings;
  const { world, block = {}, audiences = [AUDIENCE] } = settings;
  const cluster = createKubernetesIssuer();
  const server = await startLoopbackGcp({
    issuer: cluster.issuer,
    jwksOf: () => cluster.jwksOf(),
    providers: {
      [AUDIENCE]: { pool: POOL, allowedAudiences: [AUDIENCE] },
      [GKE_AUDIENCE]: { pool: 'acme.svc.id.goog', allowedAudiences: ['acme.svc.id.goog'] },
    },
    ...world,
    projects: {
      acme: {
        number: '42',
        secrets: new Map(Object.entries(secrets)),
        isDisabled,
        grants: [...readers.map((name) => ({ member: memberNamed(name), secret: '*', permissions: READ })), ...grants],
      },
    },
  });
  onTestFinished(() => server.close());

  const fields = Fields.of({ projectID: 'acme', ...block }, 'spec.provider.gcpsm');
  const store = createGcpsm({ now: settings.now ?? Date.now }).configure(fields, {
    audiences,
    endpoints: [],
    endpointUrls: server.endpointUrls,
    maxResponseBytes: 256 * 1024,
  });
  if (fields.problems.length > 0) throw new Error(JSON.stringify(fields.problems));
  return {
    server,
    connect: (serviceAccount = {}) => {
      const { credentials = {} } = settings;
      const identity = testIdentity({ serviceAccount, credentials, sign: (claims) => cluster.sign(claims) });
      return store.connect(identity, CALL);
    },
  };
}
