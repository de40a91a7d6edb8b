import { randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';
import type { AdmitReview } from '../admission/admit-review.ts';
import type { Config } from '../config.ts';
import { isMapping } from '../fields.ts';
import { createLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { createProbes } from '../server/probe-routes.ts';
import { startWebhookServer } from '../server/server.ts';
import { createCertificateAuthority } from '../tls/certificate-authority.ts';
import { signLeaf } from '../tls/leaf.ts';

export interface DemoServer {
  readonly origin: string;
  /** As an API server does: HTTPS, verified against the caBundle, with the token in the path. */
  send(review: object): Promise<DemoAnswer>;
  stop(): Promise<void>;
}

export interface DemoAnswer {
  readonly allowed: boolean;
  /** Why not. */
  readonly message: string;
  readonly patch: string | undefined;
}

const HOUR_MS = 3_600_000;

/** The real server on a free port of this machine, with a certificate that lives as long as the demo. */
export async function startDemoServer(admit: AdmitReview, config: Config['server']): Promise<DemoServer> {
  const now = new Date();
  const authority = await createCertificateAuthority(HOUR_MS, now);
  const certificate = await signLeaf(authority, { names: ['127.0.0.1', 'localhost'], lifetimeMs: HOUR_MS, now });
  const token = randomBytes(32).toString('hex');
  const server = await startWebhookServer({
    admit,
    pathToken: { matches: (candidate) => candidate === token },
    certificates: {
      current: () => certificate,
      onChange: () => () => undefined,
      isReady: () => true,
      stop: async () => undefined,
    },
    probes: createProbes({}),
    log: createLog('silent'),
    metrics: createMetrics(),
    config,
  });
  const origin = `https://127.0.0.1:${server.port}`;
  const dispatcher = new Agent({ connect: { ca: authority.certificatePem } });

  return {
    origin,
    async send(review) {
      const { body } = await request(`${origin}/mutate/${token}?timeout=10s`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(review),
        dispatcher,
      });
      return readResponse(await body.json());
    },
    async stop() {
      await dispatcher.close();
      await server.stop();
    },
  };
}

function readResponse(answer: unknown): DemoAnswer {
  const response = isMapping(answer) && isMapping(answer['response']) ? answer['response'] : {};
  const status = isMapping(response['status']) ? response['status'] : {};
  return {
    allowed: response['allowed'] === true,
    message: typeof status['message'] === 'string' ? status['message'] : '',
    patch: typeof response['patch'] === 'string' ? response['patch'] : undefined,
  };
}
