import { describe, expect, it } from 'vitest';
import { createFiller } from '../../../src/delivery/fill.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import type { PlannedSecret } from '../../../src/planning/plan.ts';
import { anAsker, aReference } from '../../support/a-store.ts';
import { captureLog } from '../../support/captured-log.ts';
import {
  aPlannedSecret,
  fakeResolver,
  fakeWriter,
  type FakeWriterSettings,
  linesOf,
  noCopies,
  type Remote,
} from '../../support/fill-scene.ts';
import { storesOf } from '../../support/plan-scene.ts';

const CALL = { signal: new AbortController().signal };
const A = aPlannedSecret({ A: [aReference('a')] });
const B = aPlannedSecret({ B: [aReference('b')] }, { name: 'lk-b' });
const AWAY = new LatchkeyError('PROVIDER_UNAVAILABLE', 'the provider is away');
const DENIED = new LatchkeyError('ACCESS_DENIED', 'the provider said no');

interface SceneSettings extends FakeWriterSettings {
  readonly remotes: Readonly<Record<string, Remote>>;
  readonly staleIfError?: boolean;
}

function scene({ remotes, staleIfError = true, ...settings }: SceneSettings) {
  const writer = fakeWriter(settings);
  const captured = captureLog();
  const filler = createFiller({
    resolver: fakeResolver(remotes),
    stores: storesOf(),
    ...noCopies(),
    writer,
    staleIfError,
    log: captured.log,
  });
  const fill = (secrets: readonly PlannedSecret[], write = true) => filler.fill(secrets, anAsker(), write, CALL);
  return { writer, fill, captured };
}

describe('filling', () => {
  it('writes every Secret', async () => {
    const { writer, fill } = scene({ remotes: { a: '1', b: '2' } });

    expect(await fill([A, B])).toEqual({ problems: [], warnings: [] });
    expect(Object.fromEntries(writer.written)).toEqual({ 'lk-a': { A: '1' }, 'lk-b': { B: '2' } });
  });

  it('writes none where one has a problem', async () => {
    const { writer, fill } = scene({ remotes: { a: '1', b: DENIED } });

    expect(linesOf(await fill([A, B]))).toEqual(['container "api", env B: the provider said no. [ACCESS_DENIED]']);
    expect(writer.written.size).toBe(0);
  });

  it('writes and records nothing where it is only asked for problems', async () => {
    const { writer, fill } = scene({ remotes: { a: '1', b: DENIED } });

    const [good, bad] = [await fill([A], false), await fill([B], false)];

    expect([good.problems.length, bad.problems.length]).toEqual([0, 1]);
    expect([writer.written.size, writer.refusals.length, writer.probes.length]).toEqual([0, 0, 0]);
  });

  it('reports what kept a Secret from being written', async () => {
    const writeError = new LatchkeyError('TARGET_CONFLICT', 'somebody has it');
    const { fill } = scene({ remotes: { a: '1', b: '2' }, writeError });

    expect((await fill([A, B])).problems).toEqual([writeError, writeError]);
  });
});

describe('filling while a provider is away', () => {
  it('uses the Secret that is there, and writes what could be read', async () => {
    const { writer, fill, captured } = scene({ remotes: { a: AWAY, b: '2' }, stored: { 'lk-a': {} } });

    expect((await fill([A, B])).problems).toEqual([]);
    expect(Object.fromEntries(writer.written)).toEqual({ 'lk-b': { B: '2' } });
    expect(captured.text()).toContain('provider away: the existing Secret is used');
  });

  it.each<[string, Partial<SceneSettings>]>([
    ['there is none', {}],
    ['the provider refused it before', { stored: { 'lk-a': { refused: true } } }],
    ['it belongs to somebody else', { stored: { 'lk-a': new LatchkeyError('TARGET_CONFLICT', 'theirs') } }],
    ['the operator does not want that', { stored: { 'lk-a': {} }, staleIfError: false }],
  ])('refuses the Pod where %s', async (_title, settings) => {
    const { fill, writer } = scene({ remotes: { a: AWAY }, ...settings });

    expect(linesOf(await fill([A]))).toEqual(['container "api", env A: the provider is away. [PROVIDER_UNAVAILABLE]']);
    expect(writer.written.size).toBe(0);
  });
});

describe('filling after a provider refused', () => {
  it.each(['ACCESS_DENIED', 'SECRET_NOT_FOUND', 'PROPERTY_NOT_FOUND', 'IDENTITY_REJECTED'] as const)(
    'records %s on the Secret and never uses what is there',
    async (code) => {
      const { fill, writer } = scene({ remotes: { a: new LatchkeyError(code, 'no') }, stored: { 'lk-a': {} } });

      expect((await fill([A])).problems).toMatchObject([{ code }]);
      expect(writer.refusals).toEqual(['lk-a']);
    },
  );

  it.each(['PROVIDER_TIMEOUT', 'PROVIDER_THROTTLED', 'VALUE_INVALID', 'STORE_INVALID'] as const)(
    'records nothing for %s',
    async (code) => {
      const { fill, writer } = scene({ remotes: { a: new LatchkeyError(code, 'no') } });

      await fill([A]);

      expect(writer.refusals).toEqual([]);
    },
  );

  it('does not use what is there where one key is refused and another only away', async () => {
    const secret = aPlannedSecret({ A: [aReference('a')], B: [aReference('b')] });
    const { fill } = scene({ remotes: { a: AWAY, b: DENIED }, stored: { 'lk-a': {} } });

    expect((await fill([secret])).problems.map(({ code }) => code)).toEqual(['PROVIDER_UNAVAILABLE', 'ACCESS_DENIED']);
  });
});
