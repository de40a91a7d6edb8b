import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { KubeError } from '../../../src/kube/client.ts';
import type { CaReader } from '../../../src/tls/ca-secret.ts';
import { type CertificateAuthority, createCertificateAuthority } from '../../../src/tls/certificate-authority.ts';
import { createSelfSignedSource, startSelfSignedSource } from '../../../src/tls/self-signed-source.ts';
import { captureLog } from '../../support/captured-log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const HOUR_MS = 3_600_000;
const START = '2026-11-22T05:00:00.000Z';
const SIGNAL = new AbortController().signal;

let one: CertificateAuthority;
let two: CertificateAuthority;
beforeAll(async () => {
  const now = new Date(START);
  [one, two] = await Promise.all([
    createCertificateAuthority(100 * HOUR_MS, now),
    createCertificateAuthority(100 * HOUR_MS, now),
  ]);
});

function setUp() {
  const clock = createFakeClock(START);
  const captured = captureLog();
  const readCa = vi.fn<CaReader>(async () => one);
  const deps = { readCa, names: ['a.example'], leafLifetimeMs: 3 * HOUR_MS, clock, log: captured.log };
  return { clock, captured, readCa, deps, source: createSelfSignedSource({ ...deps, random: () => 0 }) };
}

describe('self-signed source', () => {
  it('has nothing until the authority exists', async () => {
    const { source, readCa } = setUp();
    readCa.mockResolvedValueOnce(undefined);

    await source.refresh(SIGNAL);

    expect(source.current()).toBeUndefined();
    expect(source.isReady()).toBe(false);
  });

  it('signs once, and again at two thirds of the life', async () => {
    const { source, clock } = setUp();
    const listener = vi.fn<() => void>();
    source.onChange(listener);

    await source.refresh(SIGNAL);
    const first = source.current();
    await clock.advance(2 * HOUR_MS - 1);
    await source.refresh(SIGNAL);
    const kept = source.current();
    await clock.advance(1);
    await source.refresh(SIGNAL);

    expect(kept).toBe(first);
    expect(source.current()).not.toBe(first);
    expect(source.current()?.notAfter).toEqual(new Date('2026-11-22T10:00:00Z'));
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('renews up to a tenth earlier, each replica at another time', async () => {
    const { deps, clock } = setUp();
    const source = createSelfSignedSource({ ...deps, random: () => 1 });

    await source.refresh(SIGNAL);
    const first = source.current();
    await clock.advance(1.8 * HOUR_MS);
    await source.refresh(SIGNAL);

    expect(source.current()).not.toBe(first);
  });

  it('signs anew at once when another authority signs', async () => {
    const { source, readCa } = setUp();

    await source.refresh(SIGNAL);
    readCa.mockResolvedValue(two);
    await source.refresh(SIGNAL);

    const leaf = new X509Certificate(source.current()?.certificatePem ?? '');
    expect(leaf.checkIssued(new X509Certificate(two.certificatePem))).toBe(true);
  });

  it('keeps its leaf, and signs no other, while the authority cannot be read', async () => {
    const { source, readCa, clock, captured } = setUp();

    await source.refresh(SIGNAL);
    const first = source.current();
    readCa.mockRejectedValue(new KubeError(0, 'Unreachable', 'hunter2'));
    await clock.advance(2.5 * HOUR_MS);
    await source.refresh(SIGNAL);
    const isReadyBefore = source.isReady();
    await clock.advance(HOUR_MS);

    expect(source.current()).toBe(first);
    expect(isReadyBefore).toBe(true);
    expect(source.isReady()).toBe(false);
    expect(captured.text()).toContain('not renewed');
    expect(captured.text()).not.toContain('hunter2');
  });

  it('keeps its leaf when the authority in the Secret is broken', async () => {
    const { source, readCa, captured } = setUp();

    await source.refresh(SIGNAL);
    const first = source.current();
    readCa.mockResolvedValue({ certificatePem: two.certificatePem, keyPem: one.keyPem });
    await source.refresh(SIGNAL);

    expect(source.current()).toBe(first);
    expect(captured.text()).not.toContain('PRIVATE');
  });

  it('looks every second until it has a leaf, then every ten, until it is stopped', async () => {
    const { deps, clock, readCa } = setUp();
    readCa.mockResolvedValueOnce(undefined);
    const source = startSelfSignedSource(deps);

    await clock.advance(1000);
    await vi.waitFor(() => expect(source.isReady()).toBe(true));
    await vi.waitFor(() => expect(clock.sleepers()).toBe(1));
    await clock.advance(9999);
    const before = readCa.mock.calls.length;
    await clock.advance(1);
    const after = readCa.mock.calls.length;
    await source.stop();

    expect([before, after]).toEqual([2, 3]);
    expect(clock.sleepers()).toBe(0);
  });
});
