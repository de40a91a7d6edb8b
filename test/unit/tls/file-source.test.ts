import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCertificateAuthority } from '../../../src/tls/certificate-authority.ts';
import type { CertificateSource, ServingCertificate } from '../../../src/tls/certificate-source.ts';
import { startFileSource } from '../../../src/tls/file-source.ts';
import { signLeaf } from '../../../src/tls/leaf.ts';
import { captureLog } from '../../support/captured-log.ts';

let directory: string;
let pairs: readonly ServingCertificate[];
let source: CertificateSource | undefined;

beforeAll(async () => {
  const now = new Date();
  const authority = await createCertificateAuthority(3_600_000, now);
  const request = { names: ['a.example'], lifetimeMs: 60_000, now };
  pairs = await Promise.all([1, 2, 3].map(() => signLeaf(authority, request)));
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latchkey-files-'));
});
afterEach(async () => {
  await source?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Writes as the kubelet does: a new directory, and one rename that makes `..data` point at it. */
async function mount(version: number, files: Pick<ServingCertificate, 'certificatePem' | 'keyPem'>): Promise<void> {
  const versioned = join(directory, `..version-${version}`);
  await mkdir(versioned);
  await writeFile(join(versioned, 'tls.crt'), files.certificatePem);
  await writeFile(join(versioned, 'tls.key'), files.keyPem.exposeText());
  await symlink(versioned, join(directory, '..data-new'));
  await rename(join(directory, '..data-new'), join(directory, '..data'));
  if (version > 1) return;
  await symlink('..data/tls.crt', join(directory, 'tls.crt'));
  await symlink('..data/tls.key', join(directory, 'tls.key'));
}

async function start() {
  const captured = captureLog();
  const files = { certFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') };
  const started = await startFileSource({ ...files, clock: { date: () => new Date() }, log: captured.log });
  source = started;
  return { source: started, captured };
}

function pair(index: number): ServingCertificate {
  const found = pairs[index];
  if (found === undefined) throw new Error('no such pair');
  return found;
}

describe('file source', () => {
  it('follows each swap of a mounted volume', async () => {
    await mount(1, pair(0));
    const { source: files } = await start();
    const listener = vi.fn<() => void>();
    files.onChange(listener);

    const seen = [files.current()?.certificatePem];
    for (const version of [2, 3]) {
      await mount(version, pair(version - 1));
      await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(version - 1), { timeout: 5000 });
      seen.push(files.current()?.certificatePem);
    }

    expect(seen).toEqual(pairs.map(({ certificatePem }) => certificatePem));
    expect(files.isReady()).toBe(true);
  });

  it('keeps the old pair when certificate and key do not fit', async () => {
    await mount(1, pair(0));
    const { source: files, captured } = await start();

    await mount(2, { certificatePem: pair(1).certificatePem, keyPem: pair(2).keyPem });
    await vi.waitFor(() => expect(captured.text()).toContain('do not belong together'), { timeout: 5000 });

    expect(files.current()).toEqual(pair(0));
    expect(captured.text()).not.toContain('PRIVATE');
  });

  it('waits for files that come later', async () => {
    const { source: files, captured } = await start();
    const before = files.isReady();

    await mount(1, pair(0));
    await vi.waitFor(() => expect(files.isReady()).toBe(true), { timeout: 5000 });

    expect(before).toBe(false);
    expect(captured.text()).toContain('cannot be read');
  });
});
