import { request } from 'node:https';
import { createInterface } from 'node:readline';
import type { Plane } from '../plane/plane.ts';

/** When Secrets of a namespace appeared, as the API server tells whoever watches them. */
export interface SecretWatch {
  /** `performance.now()` of the first event of that Secret. */
  appeared(name: string): Promise<number>;
  stop(): void;
}

export async function watchSecrets({ serverUrl, caPem, admin }: Plane, namespace: string): Promise<SecretWatch> {
  const seen = new Map<string, PromiseWithResolvers<number>>();
  function entry(name: string): PromiseWithResolvers<number> {
    const known = seen.get(name) ?? Promise.withResolvers<number>();
    seen.set(name, known);
    return known;
  }

  const url = new URL(`/api/v1/namespaces/${namespace}/secrets?watch=1`, serverUrl);
  const call = request(url, { ca: caPem, cert: admin.certificatePem, key: admin.keyPem });
  call.on('error', () => undefined); // ends with `stop`
  call.end();
  await new Promise<void>((resolve) => {
    call.once('response', (response) => {
      response.on('error', () => undefined);
      createInterface({ input: response }).on('line', (line) => {
        const atMs = performance.now();
        const event = JSON.parse(line) as { object: { metadata: { name: string } } };
        entry(event.object.metadata.name).resolve(atMs);
      });
      resolve();
    });
  });
  return {
    appeared: (name) => entry(name).promise,
    stop: () => call.destroy(),
  };
}
