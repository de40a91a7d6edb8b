import { request } from 'node:https';
import type { AdmissionResponse } from '../../src/admission/decision.ts';
import { signLeaf } from '../../src/tls/leaf.ts';
import { freePort } from '../plane/ports.ts';
import type { Scenario } from './scene.ts';
import { type ServerProcess, startServerProcess, untilReady } from './server-process.ts';
import type { Surroundings } from './webhook-server.ts';

const DAY_MS = 86_400_000;
const MAIN = new URL('bare-server.ts', import.meta.url).pathname;

export interface BareServer extends ServerProcess {
  readonly origin: string;
}

/** Asks the webhook once for each scenario, and has its answers given by a server that does nothing else. */
export async function startBareServer(
  { url, authority }: Surroundings,
  scenarios: readonly Scenario[],
): Promise<BareServer> {
  const ca = authority.certificatePem;
  const answers: Record<string, AdmissionResponse> = {};
  for (const { path, body } of scenarios) answers[path] = await review(url, ca, body);

  const leaf = await signLeaf(authority, { names: ['127.0.0.1'], lifetimeMs: DAY_MS, now: new Date() });
  const port = await freePort();
  const origin = `https://127.0.0.1:${port}`;
  const settings = { port, certificatePem: leaf.certificatePem, keyPem: leaf.keyPem.exposeText(), answers };
  const process = startServerProcess({ args: [MAIN], input: JSON.stringify(settings) });
  await untilReady(`${origin}/readyz`, ca, process);
  return { ...process, origin };
}

async function review(url: string, ca: string, body: Buffer): Promise<AdmissionResponse> {
  const text = await new Promise<string>((resolve, reject) => {
    const asked = request(url, { ca, method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    });
    asked.on('error', reject).end(body);
  });
  const { response } = JSON.parse(text) as { readonly response: AdmissionResponse };
  if (!response.allowed) throw new Error(`the webhook refused the Pod: ${response.status?.message}`);
  return response;
}
