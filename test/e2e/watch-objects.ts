import type { ClientRequest } from 'node:http';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import type { Plane } from '../plane/plane.ts';

export interface WatchedObject {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { readonly status: string }[] };
}

/** What the API server tells whoever watches: asking again and again would cost it more than what is measured. */
export interface ObjectWatch {
  stop(): void;
}

/**
 * Resolves when the watch has begun. `path` is that of a collection; what is there already comes first, and comes again
 * where the API server ended the watch, as it does when a resource's definition is young.
 */
export async function watchObjects(
  { serverUrl, caPem, admin }: Plane,
  path: string,
  onChange: (object: WatchedObject, atMs: number) => void,
): Promise<ObjectWatch> {
  let isStopped = false;
  let call: ClientRequest | undefined;
  await connect();
  return {
    stop() {
      isStopped = true;
      call?.destroy();
    },
  };

  function connect(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const tls = { ca: caPem, cert: admin.certificatePem, key: admin.keyPem };
    call = request(new URL(`${path}?watch=1`, serverUrl), tls, (response) => {
      resolve();
      const lines = createInterface({ input: response });
      lines.on('error', () => undefined); // ends with `stop`
      response.on('error', () => undefined);
      lines.on('line', (line) => {
        const { object } = JSON.parse(line) as { object: WatchedObject };
        onChange(object, performance.now());
      });
    });
    call.on('error', () => undefined);
    call.on('close', () => void (isStopped || connect()));
    call.end();
    return promise;
  }
}
