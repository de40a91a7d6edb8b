import { fastify } from 'fastify';
import type { Metrics } from '../metrics.ts';
import { listenOn, portOf } from './listen-address.ts';
import { type Probes, registerProbeRoutes } from './probe-routes.ts';
import { withoutSchemas } from './without-schemas.ts';

export interface MetricsServer {
  readonly port: number;
  stop(): Promise<void>;
}

export interface MetricsServerDeps {
  readonly listen: string;
  readonly metrics: Metrics;
  readonly probes: Probes;
}

/** The second port, plain HTTP inside the cluster: `/metrics`, `/livez`, `/readyz`. Nothing on it is secret. */
export async function startMetricsServer({ listen, metrics, probes }: MetricsServerDeps): Promise<MetricsServer> {
  const app = fastify({
    logger: false,
    schemaController: withoutSchemas,
    forceCloseConnections: true,
    bodyLimit: 1024,
    requestTimeout: 10_000,
  });
  registerProbeRoutes(app, probes);
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await metrics.render();
    return reply.type(contentType).send(text);
  });

  await listenOn(app, listen);
  return { port: portOf(app.server), stop: async () => app.close() };
}
