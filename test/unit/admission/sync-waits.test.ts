import { describe, expect, it } from 'vitest';
import { createSyncWaits } from '../../../src/admission/sync-waits.ts';
import type { DefinitionStatus } from '../../../src/externalsecrets/definition.ts';
import { syncedVersion } from '../../../src/externalsecrets/synced-version.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import type { AwaitedDefinition } from '../../../src/planning/plan.ts';
import { aReadDefinition } from '../../support/a-definition.ts';
import { linesOf } from '../../support/plan-scene.ts';

const CALL = { signal: new AbortController().signal };
const NOTHING = { problems: [], warnings: [] };
const CURRENT = { syncedResourceVersion: syncedVersion(aReadDefinition()) };
const FAILED = { status: 'False', reason: 'SecretSyncedError', message: 'could not get secret data from provider' };
const PLACE = 'container "api", env A, ExternalSecret "db"';
const HINT =
  'The Pod is retried by its controller; see kubectl describe externalsecret db. [EXTERNAL_SECRET_NOT_READY]';

function awaited(rest: Partial<AwaitedDefinition> = {}): AwaitedDefinition {
  return {
    externalSecret: 'db',
    target: 'db',
    places: ['container "api", env A'],
    optional: false,
    problems: [],
    ...rest,
  };
}

/** One definition, whose status the test changes as a watch would. */
function scene(status: Partial<DefinitionStatus> | 'gone', spec: Readonly<Record<string, unknown>> = {}) {
  let definition = status === 'gone' ? undefined : aReadDefinition({ status, spec });
  let looks = 0;
  const listeners = new Set<(key: string) => void>();
  const waits = createSyncWaits({
    feed: {
      definition(namespace, name) {
        looks += 1;
        return namespace === 'payments' && name === 'db' ? definition : undefined;
      },
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    patience: { failingMs: 1, optionalMs: 1 },
  });
  return {
    waits,
    looks: () => looks,
    change: (next: Partial<DefinitionStatus>, key = 'payments/db') => {
      definition = aReadDefinition({ status: next });
      for (const listener of listeners) listener(key);
    },
  };
}

/** Time for what waits to go on. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

describe('waiting for ExternalSecrets', () => {
  it('is over at once for one that is synced, whatever became of later attempts', async () => {
    const { waits } = scene({ ...CURRENT, ready: FAILED });

    expect(await waits.wait('payments', [awaited()], CALL)).toEqual(NOTHING);
    expect(waits.look('payments', [awaited({ problems: [new LatchkeyError('STORE_NOT_FOUND', 'gone')] })])).toEqual(
      NOTHING,
    );
  });

  it('is over where only labels or annotations changed and the provider fails since', async () => {
    const { waits } = scene({ syncedResourceVersion: '1-older', ready: FAILED });

    expect(await waits.wait('payments', [awaited()], CALL)).toEqual(NOTHING);
  });

  it.each([
    ['is created once', { refreshPolicy: 'CreatedOnce' }],
    ['is read once', { refreshInterval: '0' }],
  ])('is over for one that %s and was, whatever has changed about it since', async (_title, spec) => {
    const { waits } = scene({ syncedResourceVersion: '0-older' }, spec);

    expect(await waits.wait('payments', [awaited()], CALL)).toEqual(NOTHING);
  });

  it('ends for all Pods when the watch brings the sync of the current definition', async () => {
    const { waits, change } = scene({ syncedResourceVersion: '0-older' });
    const ended: number[] = [];
    const answers = [1, 2, 3].map(async (pod) => {
      const answer = await waits.wait('payments', [awaited()], CALL);
      ended.push(pod);
      return answer;
    });

    change(CURRENT, 'payments/other');
    await turns();
    change({ syncedResourceVersion: '0-old' });
    await turns();
    const before = [...ended];
    change(CURRENT);

    expect(await Promise.all(answers)).toEqual([NOTHING, NOTHING, NOTHING]);
    expect(before).toEqual([]);
  });

  it('asks nobody while nothing changes', async () => {
    const { waits, change, looks } = scene({});
    const answer = waits.wait('payments', [awaited()], CALL);
    await turns();
    const before = looks();

    await turns();

    expect(looks()).toBe(before);
    change(CURRENT);
    expect(await answer).toEqual(NOTHING);
  });

  it.each([
    ['never synced', {}, 'its Secret "db" is not there yet.'],
    ['gone', 'gone', 'its Secret "db" is not there yet.'],
    [
      'changed and failing since',
      { syncedResourceVersion: '0-older', ready: FAILED },
      'its Secret "db" is not that of the current definition yet: could not get secret data from provider.',
    ],
  ] as const)('refuses with the deadline where it is %s', async (_title, status, text) => {
    const { waits } = scene(status);
    const admission = new AbortController();

    const answer = waits.wait('payments', [awaited()], { signal: admission.signal });
    await turns();
    admission.abort();

    expect(linesOf(await answer)).toEqual([`${PLACE}: ${text} ${HINT}`]);
  });

  it('refuses one that was never synced and has failed long before a deadline, in the words of its condition', async () => {
    const { waits } = scene({ ready: FAILED });

    expect(linesOf(await waits.wait('payments', [awaited()], CALL))).toEqual([
      `${PLACE}: its Secret "db" is not there yet: could not get secret data from provider. ${HINT}`,
    ]);
  });

  it('does not wait for one that cannot be carried out, and says why', async () => {
    const { waits } = scene({});
    const problem = new LatchkeyError('STORE_NOT_FOUND', 'no such store');

    expect(await waits.wait('payments', [awaited({ problems: [problem] })], CALL)).toEqual({
      problems: [problem],
      warnings: [],
    });
  });

  it('lets a Pod that can do without it go, with a warning', async () => {
    const { waits } = scene({});

    expect(await waits.wait('payments', [awaited({ optional: true })], CALL)).toEqual({
      problems: [],
      warnings: ['container "api", env A: ExternalSecret "db" is not synced, so the Secret "db" may be missing'],
    });
  });

  it.each([
    ['passes over one that may be synced yet', {}, []],
    ['refuses one that fails', { ready: FAILED }, ['EXTERNAL_SECRET_NOT_READY']],
  ])('%s when it only looks, as a dry run does', (_title, status, codes) => {
    const { waits } = scene(status);

    expect(waits.look('payments', [awaited()]).problems.map(({ code }) => code)).toEqual(codes);
  });
});
