import { describe, expect, it } from 'vitest';
import type { Filler, FillResult } from '../../../src/delivery/fill.ts';
import { createSharedFiller } from '../../../src/delivery/shared-fill.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import { anAsker } from '../../support/a-store.ts';
import { aPlannedSecret, fakeWriter, type FakeWriterSettings } from '../../support/fill-scene.ts';

const CALL = { signal: new AbortController().signal };
const A = aPlannedSecret({});
const B = aPlannedSecret({}, { name: 'lk-b' });
const DONE: FillResult = { problems: [], warnings: [] };

/** A filler whose fills end when the test says so. */
function scene(settings: FakeWriterSettings = {}, fillsPerNamespace = 2, isRandom = false) {
  const fills: { readonly names: readonly string[]; readonly write: boolean; end(result?: FillResult): void }[] = [];
  const inner: Filler = {
    fill(secrets, _asker, write) {
      const { promise, resolve } = Promise.withResolvers<FillResult>();
      fills.push({ names: secrets.map(({ name }) => name), write, end: (result = DONE) => resolve(result) });
      return promise;
    },
  };
  const writer = fakeWriter(settings);
  const filler = createSharedFiller({
    filler: inner,
    writer,
    isRandom: () => isRandom,
    fillsPerNamespace,
    timeoutMs: 60_000,
  });
  return { fills, writer, filler };
}

async function started(fills: readonly unknown[], count: number): Promise<void> {
  for (let turn = 0; turn < 50 && fills.length < count; turn += 1) await Promise.resolve();
  expect(fills).toHaveLength(count);
}

describe('the filler that Pods share', () => {
  it('fills once for all who want the same at the same time', async () => {
    const { fills, filler } = scene();
    const result = { problems: [], warnings: ['w'] };

    const answers = [1, 2, 3].map(() => filler.fill([A], anAsker(), true, CALL));
    await started(fills, 1);
    fills[0]?.end(result);

    expect(await Promise.all(answers)).toEqual([result, result, result]);
  });

  it.each([
    ['other Secrets', B, anAsker(), true],
    ['the same names in another namespace', A, anAsker({ namespace: 'other' }), true],
    ['no writing', A, anAsker(), false],
  ])('fills apart for %s', async (_title, secret, asker, write) => {
    const { fills, filler } = scene();

    const answers = [filler.fill([A], anAsker(), true, CALL), filler.fill([secret], asker, write, CALL)];
    await started(fills, 2);
    for (const fill of fills) fill.end();

    expect(await Promise.all(answers)).toEqual([DONE, DONE]);
  });

  it('fills nothing that this replica wrote a moment ago', async () => {
    const { fills, filler } = scene({ trusted: ['lk-a'] });

    const answer = filler.fill([A, B], anAsker(), true, CALL);
    await started(fills, 1);
    fills[0]?.end();

    expect(fills[0]?.names).toEqual(['lk-b']);
    expect(await answer).toEqual(DONE);
    expect(await filler.fill([A], anAsker(), true, CALL)).toEqual(DONE);
    expect(fills).toHaveLength(1);
  });

  it('fills a recorded Secret only where it is gone', async () => {
    const { fills, filler, writer } = scene({ stored: { 'lk-a': {} } });
    const recorded = [A, B].map((secret) => ({ ...secret, recorded: true }));

    const answer = filler.fill(recorded, anAsker(), true, CALL);
    await started(fills, 1);
    fills[0]?.end();

    expect(await answer).toEqual(DONE);
    expect(fills[0]?.names).toEqual(['lk-b']);
    expect(writer.probes).toEqual(['lk-a', 'lk-b']);
  });

  it('keeps one whose values would be others each time, and fills it where it is gone', async () => {
    const { fills, filler, writer } = scene({ stored: { 'lk-a': {} } }, 2, true);

    const answer = filler.fill([A, B], anAsker(), true, CALL);
    await started(fills, 1);
    fills[0]?.end();

    expect(await answer).toEqual(DONE);
    expect(fills[0]?.names).toEqual(['lk-b']);
    expect(writer.probes).toEqual(['lk-a', 'lk-b']);
  });

  it('shares no fill between Pods that take other variables of one copy', async () => {
    const { fills, filler } = scene();
    const copyFor = (key: string) => {
      const variables = [{ key, optional: false, where: `env ${key}` }];
      return { ...A, definition: { externalSecret: 'db', digest: 'd', places: [], optional: false, variables } };
    };

    const answers = ['x', 'y', 'x'].map((key) => filler.fill([copyFor(key)], anAsker(), true, CALL));
    await started(fills, 2);
    for (const fill of fills) fill.end();

    expect(await Promise.all(answers)).toEqual([DONE, DONE, DONE]);
  });

  it('looks for no recorded Secret when only problems are wanted', async () => {
    const { fills, filler, writer } = scene();

    expect(await filler.fill([{ ...A, recorded: true }], anAsker(), false, CALL)).toEqual(DONE);
    expect([fills.length, writer.probes.length]).toEqual([0, 0]);
  });

  it('refuses what is too much for one namespace, and only there', async () => {
    const { fills, filler } = scene({}, 1);
    const first = filler.fill([A], anAsker(), true, CALL);
    await started(fills, 1);

    const busy = await filler.fill([B], anAsker(), true, CALL);
    const elsewhere = filler.fill([B], anAsker({ namespace: 'other' }), true, CALL);
    await started(fills, 2);
    for (const fill of fills) fill.end();
    await Promise.all([first, elsewhere]);
    const after = filler.fill([B], anAsker(), true, CALL);
    await started(fills, 3);
    fills[2]?.end();

    expect(busy.problems).toMatchObject([{ code: 'BUSY', fault: 'transient' }]);
    expect(await after).toEqual(DONE);
  });

  it('lets a fill go on that an admission has no more time for', async () => {
    const { fills, filler } = scene();
    const admission = new AbortController();

    const hurried = filler.fill([A], anAsker(), true, { signal: admission.signal });
    const patient = filler.fill([A], anAsker(), true, CALL);
    await started(fills, 1);
    admission.abort();
    const late = await hurried;
    fills[0]?.end();

    expect(late.problems).toMatchObject([{ code: 'PROVIDER_TIMEOUT' }]);
    expect(await patient).toEqual(DONE);
  });

  it('turns what is thrown into a problem', async () => {
    const { filler } = scene({ stored: { 'lk-a': new LatchkeyError('TARGET_CONFLICT', 'theirs') } });

    const { problems } = await filler.fill([{ ...A, recorded: true }], anAsker(), true, CALL);

    expect(problems).toMatchObject([{ code: 'TARGET_CONFLICT' }]);
  });
});
