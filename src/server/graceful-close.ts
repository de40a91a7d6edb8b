import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { InFlight } from './in-flight.ts';

const SWEEP_MS = 25;
/** A connection on which nothing was asked yet looks busy to Node; it gets this long to ask. */
const SILENCE_MS = 1000;
/** No review may take longer (`timeoutSeconds` ends at 30). */
const LIMIT_MS = 31_000;

/**
 * Stops listening, answers what was accepted, then closes. `app.close()` alone sweeps idle connections once: one that was
 * busy at that moment returns to keep-alive and holds the process until the caller lets go of it.
 */
export async function closeGracefully(app: FastifyInstance, server: Server, inFlight: InFlight): Promise<void> {
  const startedMs = performance.now();
  const sweep = setInterval(() => {
    server.closeIdleConnections();
    const nowMs = performance.now();
    const silent = inFlight.count === 0 && nowMs - Math.max(inFlight.idleSinceMs, startedMs) > SILENCE_MS;
    if (silent || nowMs - startedMs > LIMIT_MS) server.closeAllConnections();
  }, SWEEP_MS);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
  }
}
