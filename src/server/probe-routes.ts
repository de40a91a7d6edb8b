import type { FastifyInstance } from 'fastify';

/** One thing that must hold: `true`, or `false`, or a short text that says what is missing. Holds no secret. */
export interface Check {
  readonly name: string;
  readonly holds: () => boolean | string;
}

/** What the kubelet asks. Shared by both ports, so that they never disagree. */
export interface Probes {
  livez(): ProbeAnswer;
  readyz(): ProbeAnswer;
  /** From now on not ready, for good. */
  shutDown(): void;
}

export interface ProbeAnswer {
  readonly ok: boolean;
  readonly missing: Readonly<Record<string, string>>;
}

export function createProbes({ live = [], ready = [] }: { live?: readonly Check[]; ready?: readonly Check[] }): Probes {
  let running = true;
  const shutdown: Check = { name: 'running', holds: () => running || 'shutting down' };
  return {
    livez: () => run(live),
    readyz: () => run([shutdown, ...ready]),
    shutDown() {
      running = false;
    },
  };
}

/** `/livez` and `/readyz`: 200 or 503, with the names of what is missing. */
export function registerProbeRoutes(app: FastifyInstance, probes: Probes): void {
  for (const path of ['livez', 'readyz'] as const) {
    app.get(`/${path}`, (_request, reply) => {
      const answer = probes[path]();
      return reply.code(answer.ok ? 200 : 503).send(answer);
    });
  }
}

function run(checks: readonly Check[]): ProbeAnswer {
  const missing: Record<string, string> = {};
  for (const { name, holds } of checks) {
    const outcome = holds();
    if (outcome !== true) missing[name] = outcome || 'not yet';
  }
  return { ok: Object.keys(missing).length === 0, missing };
}
