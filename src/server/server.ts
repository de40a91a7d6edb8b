import { fastify } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AdmitReview } from '../admission/admit-review.ts';
import { type Config, durationMs } from '../config.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { CertificateSource } from '../tls/certificate-source.ts';
import { createAccessLog } from './access-log.ts';
import { closeGracefully } from './graceful-close.ts';
import { trackInFlight } from './in-flight.ts';
import { listenOn, portOf } from './listen-address.ts';
import { type Probes, registerProbeRoutes } from './probe-routes.ts';
import { MAX_BODY_BYTES, refuse, registerReviewRoutes, type ReviewRoutesDeps } from './review-routes.ts';
import { withoutSchemas } from './without-schemas.ts';

/** API servers pool a few dozen connections each and open one more for every review beyond. */
const MAX_CONNECTIONS = 1024;
/** Longer than the 90 s of the API server's pool: the caller closes first, or its next POST meets a closing socket. */
const KEEP_ALIVE_MS = 120_000;
const HANDSHAKE_MS = 10_000;
const HEADERS_MS = 10_000;
/** How often Node looks for connections that are over these times. */
const CHECK_MS = 5000;
const REQUEST_MS = 30_000;

const TEXTS: Readonly<Record<number, string>> = {
  400: 'the request cannot be read',
  413: `the review is larger than ${MAX_BODY_BYTES} bytes`,
  415: 'the Content-Type header cannot be read',
};

export interface WebhookServerDeps {
  readonly admit: AdmitReview;
  readonly validate?: AdmitReview;
  readonly pathToken: ReviewRoutesDeps['pathToken'];
  readonly certificates: CertificateSource;
  readonly probes: Probes;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly config: Config['server'];
}

export interface WebhookServer {
  readonly port: number;
  /** Reports not ready, serves on for `config.drain`, answers what was accepted, and closes. */
  stop(): Promise<void>;
}

/**
 * Listens at once, also before there is a certificate: handshakes fail until the first one comes, and `/readyz` says so.
 * HTTP/1.1 only: API servers speak nothing else to webhooks behind a Service.
 */
export async function startWebhookServer(deps: WebhookServerDeps): Promise<WebhookServer> {
  const { certificates, probes, log, metrics, config } = deps;
  const app = fastify({
    https: {
      minVersion: 'TLSv1.2',
      handshakeTimeout: HANDSHAKE_MS,
      headersTimeout: HEADERS_MS,
      connectionsCheckingInterval: CHECK_MS,
    },
    logger: false,
    schemaController: withoutSchemas,
    bodyLimit: MAX_BODY_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS,
    // A request that arrives while we close was accepted; it gets its answer.
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) => void refuse(reply, error.statusCode ?? 400, TEXTS[400] ?? ''),
  });
  const { server } = app;
  server.maxConnections = MAX_CONNECTIONS;
  const inFlight = trackInFlight(server);
  measureTls();

  const record = createAccessLog({ log, metrics, accessLog: config.accessLog });
  registerProbeRoutes(app, probes);
  registerReviewRoutes(app, { ...deps, record, deadlineMarginMs: durationMs(config.deadlineMargin) });
  app.setNotFoundHandler((_request, reply) => refuse(reply.header('connection', 'close'), 404, 'not found'));
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log.error({ err: error }, 'a request failed unexpectedly');
    // Fastify's own texts may quote the request.
    return refuse(reply, status, TEXTS[status] ?? 'the request failed');
  });

  const stopFollowing = certificates.onChange(useCertificate);
  useCertificate();
  await listenOn(app, config.listen);
  let stopped: Promise<void> | undefined;

  return {
    port: portOf(app.server),
    stop: () => (stopped ??= stop()),
  };

  /** Open connections keep the certificate they began with; new ones get this. */
  function useCertificate(): void {
    const certificate = certificates.current();
    if (certificate === undefined) return;
    try {
      server.setSecureContext({
        minVersion: 'TLSv1.2',
        cert: certificate.certificatePem,
        key: certificate.keyPem.exposeText(),
      });
      log.info({ notAfter: certificate.notAfter.toISOString() }, 'serving certificate in use');
    } catch (err) {
      log.error({ err }, 'serving certificate refused, the one before stays');
    }
  }

  function measureTls(): void {
    metrics.gauge({
      name: 'latchkey_serving_certificate_expiry_timestamp_seconds',
      help: 'When the certificate of the webhook expires; 0 where there is none',
      read: () => (certificates.current()?.notAfter.getTime() ?? 0) / 1000,
    });
    const failures = metrics.counter({
      name: 'latchkey_tls_handshake_failures_total',
      help: 'TLS handshakes that failed; a caller that does not trust our CA shows here',
    });
    server.on('tlsClientError', () => failures.increment());
  }

  async function stop(): Promise<void> {
    probes.shutDown();
    inFlight.closeAfterAnswer();
    await sleep(durationMs(config.drain));
    await closeGracefully(app, server, inFlight);
    stopFollowing();
  }
}
