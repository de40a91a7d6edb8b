import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createCertificateAuthority } from '../plane/certificates.ts';
import type { Plane } from '../plane/plane.ts';

/** A validating webhook of the tests: at the moment a Pod is stored, every Secret key that it needs must be there. */
export interface CheckingWebhook {
  /** Pods looked at since the start. */
  readonly pods: number;
  /** Secret keys found. */
  readonly keys: number;
  readonly missing: readonly string[];
  /** Names of Pods that are to be refused, as a later policy might. */
  readonly refuse: Set<string>;
  stop(): Promise<void>;
}

interface SecretKeyRef {
  readonly name: string;
  readonly key?: string;
  readonly optional?: boolean;
}

interface Container {
  readonly env?: readonly { readonly valueFrom?: { readonly secretKeyRef?: SecretKeyRef } }[];
  readonly envFrom?: readonly { readonly secretRef?: SecretKeyRef }[];
}

interface Spec
  extends Readonly<Record<'containers' | 'initContainers' | 'ephemeralContainers', readonly Container[] | undefined>> {
  readonly imagePullSecrets?: readonly SecretKeyRef[];
  readonly volumes?: readonly {
    readonly secret?: { readonly secretName: string; readonly optional?: boolean };
    readonly projected?: { readonly sources?: readonly { readonly secret?: SecretKeyRef }[] };
  }[];
}

interface Review {
  readonly request: {
    readonly uid: string;
    readonly namespace: string;
    readonly dryRun?: boolean;
    readonly object: {
      readonly metadata: { readonly name?: string };
      readonly spec: Spec;
    };
  };
}

/** Node's default of 5 s closes connections that the API server, which keeps them for 90 s, is about to use. */
const KEEP_ALIVE_MS = 120_000;

export async function startCheckingWebhook(plane: Plane): Promise<CheckingWebhook> {
  const authority = await createCertificateAuthority();
  const { certificatePem, keyPem } = await authority.server(['127.0.0.1']);
  const state = { pods: 0, keys: 0, missing: [] as string[], refuse: new Set<string>() };

  const server = createServer({ cert: certificatePem, key: keyPem }, (request, response) => {
    void answer(request, response);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const review = JSON.parse(await text(request)) as Review;
    const problem = await check(review);
    const status = problem === undefined ? {} : { status: { code: 403, message: problem } };
    const body = { uid: review.request.uid, allowed: problem === undefined, ...status };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: body }));
  }

  server.keepAliveTimeout = KEEP_ALIVE_MS;

  async function check({ request }: Review): Promise<string | undefined> {
    const { name = '' } = request.object.metadata;
    if (state.refuse.has(name)) return 'a later policy refuses this Pod';
    if (request.dryRun === true) return undefined;
    state.pods += 1;
    const {
      containers,
      initContainers,
      ephemeralContainers,
      imagePullSecrets = [],
      volumes = [],
    } = request.object.spec;
    const mounted = volumes.flatMap(({ secret, projected }) => [
      secret && { ...secret, name: secret.secretName },
      ...(projected?.sources ?? []).map((source) => source.secret),
    ]);
    for (const reference of [...mounted, ...imagePullSecrets]) {
      if (reference !== undefined && reference.optional !== true) {
        await expectKey(request.namespace, name, { name: reference.name });
      }
    }
    for (const container of [containers, initContainers, ephemeralContainers].flatMap((list) => list ?? [])) {
      const references = [
        ...(container.env ?? []).map(({ valueFrom }) => valueFrom?.secretKeyRef),
        ...(container.envFrom ?? []).map(({ secretRef }) => secretRef),
      ];
      for (const reference of references) {
        if (reference !== undefined && reference.optional !== true) await expectKey(request.namespace, name, reference);
      }
    }
    return undefined;
  }

  async function expectKey(namespace: string, pod: string, { name, key }: SecretKeyRef): Promise<void> {
    const { status, body } = await plane.request<{ data?: Record<string, string> }>(
      'GET',
      `/api/v1/namespaces/${namespace}/secrets/${name}`,
    );
    if (status === 200 && (key === undefined || body.data?.[key] !== undefined)) state.keys += 1;
    else state.missing.push(`${namespace}/${pod}: Secret ${name}${key === undefined ? '' : ` key ${key}`}`);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await plane.apply({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'checking-webhook' },
    webhooks: [
      {
        name: 'check.e2e.latchkey.dev',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(authority.caPem).toString('base64') },
        namespaceSelector: { matchLabels: { 'latchkey.dev/inject': 'enabled' } },
        rules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
          { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['pods/ephemeralcontainers'] },
        ],
      },
    ],
  });

  return {
    get pods() {
      return state.pods;
    },
    get keys() {
      return state.keys;
    },
    get missing() {
      return state.missing;
    },
    refuse: state.refuse,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
