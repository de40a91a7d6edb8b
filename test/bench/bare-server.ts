// The yardstick, in a process of its own: node:https parses the review, and answers with what Latchkey once answered.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

interface Settings {
  readonly port: number;
  readonly certificatePem: string;
  readonly keyPem: string;
  /** By path: the answer, to which the uid is added. */
  readonly answers: Readonly<Record<string, object>>;
}

const STDIN = 0;
const { port, certificatePem, keyPem, answers } = JSON.parse(readFileSync(STDIN, 'utf8')) as Settings;

const server = createServer({ cert: certificatePem, key: keyPem, keepAliveTimeout: 120_000 }, (request, response) => {
  const answer = answers[request.url ?? ''];
  if (answer === undefined) {
    response.end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const review = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { readonly request: { readonly uid: string } };
    const envelope = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { ...answer, uid: review.request.uid },
    };
    const text = JSON.stringify(envelope);
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.setHeader('content-length', Buffer.byteLength(text));
    response.end(text);
  });
});
process.once('SIGINT', () => process.exit(0));
server.listen(port, '127.0.0.1');
