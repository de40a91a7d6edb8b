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

/** Resolves when the watch has begun. `path` is that of a collection; what is there already comes first. */
export async function watchObjects(
  { serverUrl, caPem, admin }: Plane,
  path: string,
  onChange: (object: WatchedObject, atMs: number) => void,
): Promise<ObjectWatch> {
  const call = request(new URL(`${path}?watch=1`, serverUrl), {
    ca: caPem,
    cert: admin.certificatePem,
    key: admin.keyPem,
  });
  call.on('error', () => undefined); // ends with `stop`
  call.end();
  await new Promise<void>((resolve) => {
    call.once('response', (response) => {
      response.on('error', () => undefined);
      createInterface({ input: response }).on('line', (line) => {
        const { object } = JSON.parse(line) as { object: WatchedObject };
        onChange(object, performance.now());
      });
      resolve();
    });
  });
  return { stop: () => call.destroy() };
}
