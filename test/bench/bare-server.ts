// The yardstick, in a process of its own: node:https parses the same review and answers a fixed patch of the same size.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

interface Settings {
  readonly port: number;
  readonly certificatePem: string;
  readonly keyPem: string;
  /** By path: the answer to give, but for the uid. */
  readonly answers: Readonly<Record<string, object>>;
}

const { port, certificatePem, keyPem, answers } = JSON.parse(readFileSync(0, 'utf8')) as Settings;

const server = createServer({ cert: certificatePem, key: keyPem, keepAliveTimeout: 120_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const review = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { readonly request: { readonly uid: string } };
    const answer = { ...answers[request.url ?? ''], uid: review.request.uid };
    const text = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer });
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.setHeader('content-length', Buffer.byteLength(text));
    response.end(text);
  });
});
server.listen(port, '127.0.0.1');
