import { createServer } from 'node:https';
import type { KeyPair } from './certificates.ts';

/** A validating webhook for the plane's own test: refuses objects named `refused`, counts what it is asked. */
export interface ToyWebhook {
  readonly calls: number;
  stop(): void;
}

interface Review {
  readonly request: { readonly uid: string; readonly name: string };
}

export async function startToyWebhook(address: string, port: number, pair: KeyPair): Promise<ToyWebhook> {
  let calls = 0;
  const server = createServer({ cert: pair.certificatePem, key: pair.keyPem }, (incoming, response) => {
    let text = '';
    incoming.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    incoming.once('end', () => {
      if (incoming.url === '/readyz') return response.end('ok');
      calls += 1;
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify(answer(JSON.parse(text))));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return {
    get calls() {
      return calls;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer({ request }: Review): object {
  const allowed = request.name !== 'refused';
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: request.uid, allowed, status: { message: allowed ? '' : 'the toy says no' } },
  };
}
