import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLeaderElection } from '../../../src/controller/leader-election.ts';
import { KubeError, type KubeRequest } from '../../../src/kube/client.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { apiPath, LEASES } from '../../../src/kube/paths.ts';
import { createFakeClock, settle } from '../../support/fake-clock.ts';

const PATH = apiPath(LEASES, { namespace: 'latchkey-system', name: 'controller' });

function setUp(onRequest: (request: KubeRequest) => void | Promise<void> = () => {}) {
  const clock = createFakeClock();
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'latchkey-system' } };
  const kube = createMemoryCluster([namespace], { clock, onRequest });
  return { clock, kube, lease, candidate };

  function lease() {
    return kube.find('coordination.k8s.io/v1', 'Lease', 'latchkey-system', 'controller');
  }

  /** A replica whose work runs until it is told to stop, and a record of what happened to it. */
  function candidate(identity: string, work = untilAborted, reach: (request: KubeRequest) => void = () => {}) {
    const log: string[] = [];
    const stop = new AbortController();
    const client = {
      ...kube,
      request: (request: KubeRequest) => {
        reach(request);
        return kube.request(request);
      },
    };
    const election = createLeaderElection({
      client,
      namespace: 'latchkey-system',
      leaseName: 'controller',
      identity,
      log: pino({ level: 'silent' }),
      clock,
      random: () => 0.5,
    });
    const done = election.run(
      {
        async onStarted(signal) {
          log.push(`started ${clock.now()}`);
          await work(signal);
          log.push(`ended ${clock.now()}`);
        },
        onStopped: () => log.push('stopped'),
      },
      stop.signal,
    );
    onTestFinished(() => stop.abort());
    return { election, log, stop, done };
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function unreachable(): never {
  throw new KubeError(0, 'Unavailable', 'no API server');
}

describe('createLeaderElection', () => {
  it('leads at once where nobody does, and renews every two seconds', async () => {
    const { clock, lease, candidate } = setUp();
    const one = candidate('one');
    await clock.advance(7000);

    expect(one.log).toEqual(['started 0']);
    expect(one.election.isLeader()).toBe(true);
    expect(lease()?.['spec']).toEqual({
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      acquireTime: '2026-11-22T05:00:00.000000Z',
      renewTime: '2026-11-22T05:00:06.000000Z',
      leaseTransitions: 0,
    });
  });

  it('waits while another one renews', async () => {
    const { clock, candidate } = setUp();
    candidate('one');
    await settle();
    const two = candidate('two');

    await clock.advance(5 * 60_000);

    expect(two.log).toEqual([]);
    expect(two.election.isLeader()).toBe(false);
  });

  it('stops its work before another one can start when the API server is out of reach', async () => {
    let isCutOff = false;
    const { clock, lease, candidate } = setUp();
    const one = candidate('one', untilAborted, () => {
      if (isCutOff) unreachable();
    });
    await settle();
    const two = candidate('two');
    await clock.advance(4500);

    isCutOff = true;
    await clock.advance(60_000);

    const ended = Number(one.log[1]?.split(' ')[1]);
    const started = Number(two.log[0]?.split(' ')[1]);
    expect(one.log.map((line) => line.split(' ')[0])).toEqual(['started', 'ended', 'stopped']);
    // The last renewal was at 4 s: ten more seconds to lead, fifteen for the other to wait.
    expect(ended).toBeLessThanOrEqual(4000 + 10_000);
    expect(started).toBeGreaterThanOrEqual(4000 + 15_000);
    expect(one.election.isLeader()).toBe(false);
    expect(lease()?.['spec']).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 });
  });

  it('stops its work at the deadline also when a renewal hangs', async () => {
    let hang = false;
    const { clock, candidate } = setUp((request) => {
      if (!hang) return undefined;
      return new Promise((_, reject) => {
        request.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      });
    });
    const one = candidate('one');
    await clock.advance(2500);

    hang = true;
    await clock.advance(10_000);

    expect(one.log.slice(0, 2)).toEqual(['started 0', 'ended 12000']);
  });

  it('steps back at once when another one holds the Lease', async () => {
    const { clock, kube, lease, candidate } = setUp();
    const one = candidate('one');
    await clock.advance(2500);

    const spec = { holderIdentity: 'intruder', leaseDurationSeconds: 15 };
    await kube.request({ method: 'PUT', path: PATH, body: { ...lease(), spec } });
    await clock.advance(2000);

    expect(one.log).toEqual(['started 0', 'ended 4000', 'stopped']);
    expect(lease()?.['spec']).toMatchObject({ holderIdentity: 'intruder' });
  });

  it('keeps leading when somebody only labels the Lease', async () => {
    const { clock, kube, candidate } = setUp();
    const one = candidate('one');
    await clock.advance(2500);

    const body = { metadata: { labels: { team: 'red' } } };
    await kube.request({ method: 'PATCH', path: PATH, body, contentType: 'application/merge-patch+json' });
    await clock.advance(60_000);

    expect(one.log).toEqual(['started 0']);
  });

  it('releases the Lease after its work has ended, so that the next one need not wait', async () => {
    const { clock, lease, candidate } = setUp();
    const finish = Promise.withResolvers<void>();
    const one = candidate('one', () => finish.promise);
    await settle();
    const two = candidate('two');
    await clock.advance(1000);

    one.stop.abort();
    await clock.advance(20_000);
    const whileWindingDown = lease()?.['spec'];
    finish.resolve();
    await one.done;
    await clock.advance(4000);

    expect(whileWindingDown).toMatchObject({ holderIdentity: 'one' });
    expect(one.log).toEqual(['started 0', 'ended 21000', 'stopped']);
    expect(two.log).toHaveLength(1);
  });

  it('lets only one of two win that ask at the same time', async () => {
    const { clock, candidate } = setUp();
    const all = [candidate('one'), candidate('two'), candidate('three')];

    await clock.advance(30_000);

    expect(all.filter(({ election }) => election.isLeader())).toHaveLength(1);
    expect(all.flatMap(({ log }) => log)).toEqual(['started 0']);
  });

  it('ends with the error of its work, and releases the Lease', async () => {
    const { lease, candidate } = setUp();

    const one = candidate('one', () => Promise.reject(new Error('work failed')));

    await expect(one.done).rejects.toThrow('work failed');
    expect(lease()?.['spec']).toMatchObject({ holderIdentity: '' });
  });
});
