import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { KubernetesObject } from '../plane/plane-client.ts';
import type { Plane } from '../plane/plane.ts';
import { SYSTEM_NAMESPACE } from './chart.ts';
import type { Stage } from './stage.ts';

/** What API servers know about us, as the controller published it. */
export interface Published {
  readonly caPem: string;
  /** `/mutate/<token>` */
  readonly path: string;
}

export interface ReplicaAnswer {
  readonly status: number;
  readonly text: string;
  /** Common name of the authority that signed the replica's certificate. */
  readonly issuer: string;
}

export interface PostOptions {
  readonly path: string;
  readonly caPem: string;
  /** Sent in chunks, without Content-Length. */
  readonly chunked?: boolean;
  /** Says nothing more after the body until there is an answer, so that an early one is not lost to a broken pipe. */
  readonly unfinished?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `response` of an AdmissionReview. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly message: string };
  readonly patch?: string;
  readonly warnings?: readonly string[];
}

interface WebhookConfiguration {
  readonly webhooks: readonly {
    readonly clientConfig: { readonly caBundle?: string; readonly service: { readonly path?: string } };
  }[];
}

const CONFIGURATION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/latchkey';
const TIMEOUT_MS = 15_000;

/** Undefined while not every webhook of the configuration has both. */
export async function readPublished(plane: Plane): Promise<Published | undefined> {
  const { status, body } = await plane.request<WebhookConfiguration>('GET', CONFIGURATION);
  if (status !== 200) return undefined;
  const all = body.webhooks.map(({ clientConfig: { caBundle = '', service } }) => ({
    caPem: Buffer.from(caBundle, 'base64').toString(),
    path: service.path ?? '',
  }));
  const [first] = all;
  return first !== undefined && all.every(({ caPem, path }) => caPem !== '' && path !== '') ? first : undefined;
}

/** One POST on a connection of its own, which trusts nobody but `caPem`, to one replica past the API server. */
export function postToReplica(
  { plane, processes }: Stage,
  replica: number,
  body: string | Buffer,
  { path, caPem, chunked = false, unfinished = false, headers = {} }: PostOptions,
): Promise<ReplicaAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: plane.addresses[replica],
        port: processes.webhookPort,
        servername: `latchkey-webhook.${SYSTEM_NAMESPACE}.svc`,
        ca: caPem,
        agent: false,
        method: 'POST',
        path,
        timeout: TIMEOUT_MS,
        headers: {
          'content-type': 'application/json',
          ...(chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      },
      (response) => {
        const issuer = (response.socket as TLSSocket).getPeerCertificate().issuer.CN;
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, text, issuer: String(issuer) });
          outgoing.destroy();
        });
        response.once('error', reject);
      },
    );
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.once('error', reject);
    if (unfinished) outgoing.write(body);
    else outgoing.end(body);
  });
}

export function parseResponse({ status, text }: ReplicaAnswer): AdmissionResponse {
  if (status !== 200) throw new Error(`answered ${status}: ${text}`);
  return (JSON.parse(text) as { response: AdmissionResponse }).response;
}

/** An AdmissionReview as the API server writes it for a Pod's creation; `parts` override those of its request. */
export function reviewOf(
  namespace: string,
  pod: KubernetesObject,
  parts: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const { name } = pod.metadata;
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      name,
      namespace,
      operation: 'CREATE',
      userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller' },
      object: { ...pod, metadata: { ...pod.metadata, namespace } },
      oldObject: null,
      dryRun: false,
      options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
      ...parts,
    },
  };
}
