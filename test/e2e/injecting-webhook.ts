import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createCertificateAuthority } from '../plane/certificates.ts';
import type { Plane } from '../plane/plane.ts';

/** A mutating webhook of the tests that runs after ours and adds a container to each Pod, as a mesh does. */
export interface InjectingWebhook {
  /** Pods that got the container. */
  readonly injected: number;
  stop(): Promise<void>;
}

/** The API server calls mutating webhooks in the order of their configurations' names: this comes after `latchkey`. */
const CONFIGURATION = 'zz-sidecar-injector';

export async function startInjectingWebhook(
  plane: Plane,
  namespace: string,
  container: Readonly<Record<string, unknown>>,
): Promise<InjectingWebhook> {
  const authority = await createCertificateAuthority();
  const { certificatePem, keyPem } = await authority.server(['127.0.0.1']);
  let injected = 0;
  const patch = [{ op: 'add', path: '/spec/containers/-', value: container }];

  function answer(body: string): string {
    injected += 1;
    const { request } = JSON.parse(body) as { request: { uid: string } };
    const encoded = Buffer.from(JSON.stringify(patch)).toString('base64');
    return JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch: encoded },
    });
  }

  const server = createServer({ cert: certificatePem, key: keyPem }, (request, response) => {
    response.setHeader('content-type', 'application/json');
    void text(request).then((body) => response.end(answer(body)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await plane.apply({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: CONFIGURATION },
    webhooks: [
      {
        name: 'sidecar.e2e.latchkey.dev',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        reinvocationPolicy: 'Never',
        clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(authority.caPem).toString('base64') },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
    ],
  });

  return {
    get injected() {
      return injected;
    },
    async stop() {
      await plane.kubectl(['delete', 'mutatingwebhookconfiguration', CONFIGURATION]);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
