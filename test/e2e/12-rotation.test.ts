import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import { SYSTEM_NAMESPACE } from './chart.ts';
import type { Overrides } from './processes.ts';
import { parseResponse, postToReplica, type Published, readPublished, reviewOf } from './replica-client.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, createTeam, podSpec, type Team } from './team.ts';

/** As short as replicas, which look every ten seconds, can follow. */
const SHORT: Overrides = {
  tls: { caLifetime: '3m', leafLifetime: '1m', rotationSpread: '15s' },
  webhook: { pathTokenLifetime: '10s' },
};
const PODS_PER_SECOND = 10;
/** So many Pods share a Secret; the next ones are cold. */
const PODS_PER_PLAN = 25;
const LOOK_MS = 1000;
const REPLICAS = [0, 1];

let stage: Stage;
let team: Team;

beforeAll(async () => {
  stage = await getStage();
  team = await createTeam(stage, 'rotation');
  await team.put('db', { password: 'x' });
  await restartProcesses(SHORT);
});

afterAll(async () => {
  // An authority that lives for minutes would end before the usual rotation replaces it: begin anew, as installed.
  await stage.processes.controller(0).stop();
  await deleteAuthority();
  await restartProcesses({});
  await waitUntil('Pods are planned again', async () => {
    const probe = bare('probe', [{ name: 'A', value: reference() }]);
    const { namespace } = team;
    return (
      (await stage.plane.request('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, { body: probe })).status ===
      201
    );
  });
});

it('replaces path token and certificate authority under load without a failed review', {
  timeout: 400_000,
}, async () => {
  const creations = startCreatingPods();
  const reviews = startReviewing();
  try {
    // How people ask for a new one. The next after that comes by its age.
    await deleteAuthority();

    await waitUntil(
      'three path tokens were published and each replica served under three authorities',
      async () => reviews.paths.size >= 3 && REPLICAS.every((replica) => (reviews.issuers[replica]?.size ?? 0) >= 3),
      { timeoutMs: 300_000, intervalMs: 1000 },
    );
  } finally {
    await Promise.all([creations.stop(), reviews.stop()]);
  }

  const { paths, issuers, bundles } = reviews;
  process.stdout.write(
    `rotation: ${creations.created} Pods created, ${reviews.answered} reviews on new connections, ` +
      `${paths.size} path tokens, ${issuers[0]?.size ?? 0} authorities, ` +
      `${creations.failures.length + reviews.failures.length} failures\n`,
  );
  expect(creations.failures).toEqual([]);
  expect(reviews.failures).toEqual([]);
  expect(creations.created).toBeGreaterThan(500);
  // Old and new were trusted together, and the first was dropped in the end.
  expect(bundles.some((names) => names.length === 2)).toBe(true);
  expect(bundles.at(-1)).not.toContain([...(issuers[0] ?? [])][0]);
});

function reference(): string {
  return `secretstore://vault/${team.namespace}/db#password`;
}

/** Pods through the API server, at a steady rate; each is deleted once it was created. */
function startCreatingPods() {
  const state = { created: 0, failures: [] as string[] };
  const running: Promise<void>[] = [];
  const stopping = new AbortController();

  async function createOne(index: number): Promise<void> {
    const name = `load-${index}`;
    const env = [{ name: `PASSWORD_${Math.floor(index / PODS_PER_PLAN)}`, value: reference() }];
    const pod = { ...bare(name, []), spec: { ...podSpec(env), schedulerName: 'none' } };
    const { status, message } = await team
      .create(pod)
      .catch((error: unknown) => ({ status: 0, message: String(error) }));
    if (status !== 201) state.failures.push(`${status} ${message}`);
    else state.created += 1;
    await stage.plane.request('DELETE', `/api/v1/namespaces/${team.namespace}/pods/${name}?gracePeriodSeconds=0`);
  }

  const loop = (async () => {
    for (let index = 0; !stopping.signal.aborted; index += 1) {
      running.push(createOne(index));
      await sleep(1000 / PODS_PER_SECOND);
    }
  })();
  return Object.assign(state, {
    async stop() {
      stopping.abort();
      await loop;
      await Promise.all(running);
    },
  });
}

/** What an API server without an open connection meets: it trusts and calls just what is published in that moment. */
function startReviewing() {
  const state = {
    answered: 0,
    failures: [] as string[],
    paths: new Set<string>(),
    /** Common names of the authorities that signed, by replica. */
    issuers: REPLICAS.map(() => new Set<string>()),
    /** Common names in the published bundles, in their order. */
    bundles: [] as (readonly string[])[],
  };
  const stopping = new AbortController();

  async function review(replica: number, published: Published): Promise<void> {
    const body = JSON.stringify(
      reviewOf(team.namespace, bare('one', [{ name: 'A', value: reference() }]), { dryRun: true }),
    );
    const answer = await postToReplica(stage, replica, body, published);
    if (!parseResponse(answer).allowed) throw new Error(answer.text);
    state.answered += 1;
    state.issuers[replica]?.add(answer.issuer);
  }

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      const published = await readPublished(stage.plane);
      if (published === undefined) state.failures.push('nothing is published');
      else {
        state.paths.add(published.path);
        state.bundles.push(authoritiesIn(published.caPem));
        const outcomes = await Promise.allSettled(REPLICAS.map((replica) => review(replica, published)));
        state.failures.push(
          ...outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : [])),
        );
      }
      await sleep(LOOK_MS);
    }
  })();
  return Object.assign(state, {
    async stop() {
      stopping.abort();
      await loop;
    },
  });
}

function authoritiesIn(caPem: string): readonly string[] {
  const certificates = caPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return certificates.map((pem) => new X509Certificate(pem).subject.replace('CN=', ''));
}

async function deleteAuthority(): Promise<void> {
  await stage.plane.kubectl(['delete', 'secret', 'latchkey-ca', '-n', SYSTEM_NAMESPACE]);
}

async function restartProcesses(overrides: Overrides): Promise<void> {
  const { processes, endpoints, plane } = stage;
  await processes.controller(0).stop();
  await processes.startController(0, overrides);
  await waitUntil(
    'the controller looks after the authority',
    async () => /^latchkey_ca_expiry_timestamp_seconds [1-9]/m.test(await processes.metrics('controller', 0)),
    { timeoutMs: 60_000 },
  );
  for (const replica of REPLICAS) {
    await processes.webhook(replica).stop();
    await processes.startWebhook(replica, overrides);
    const address = plane.addresses[replica] ?? '';
    await waitUntil(`webhook ${replica} is ready`, async () => endpoints.listed().includes(address), {
      timeoutMs: 60_000,
    });
  }
}
