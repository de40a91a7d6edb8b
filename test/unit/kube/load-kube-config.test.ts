import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { loadKubeConfig } from '../../../src/kube/load-kube-config.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-kube-config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
});

describe('loadKubeConfig in a Pod', () => {
  const environment = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };

  beforeEach(async () => {
    await writeFile(join(folder, 'token'), 'first\n');
    await writeFile(join(folder, 'ca.crt'), 'CA');
    await writeFile(join(folder, 'namespace'), 'latchkey-system');
  });

  it('reads the ServiceAccount of the Pod', async () => {
    const access = await loadKubeConfig({ environment, serviceAccountFolder: folder });

    expect(access).toMatchObject({
      server: 'https://10.0.0.1:6443',
      namespace: 'latchkey-system',
      tls: { ca: Buffer.from('CA') },
    });
    await expect(access.authHeader()).resolves.toBe('Bearer first');
  });

  it('writes an IPv6 address in brackets', async () => {
    const access = await loadKubeConfig({
      environment: { KUBERNETES_SERVICE_HOST: 'fd00::1' },
      serviceAccountFolder: folder,
    });

    expect(access.server).toBe('https://[fd00::1]:443');
  });

  it('uses a rotated token within a minute', async () => {
    const clock = createFakeClock();
    const access = await loadKubeConfig({ environment, serviceAccountFolder: folder, clock });
    await writeFile(join(folder, 'token'), 'second\n');

    const atOnce = await access.authHeader();
    await clock.advance(60_000);
    const later = await access.authHeader();

    expect([atOnce, later]).toEqual(['Bearer first', 'Bearer second']);
  });

  it('keeps the last token while the file cannot be read', async () => {
    const clock = createFakeClock();
    const access = await loadKubeConfig({ environment, serviceAccountFolder: folder, clock });
    await rm(join(folder, 'token'));
    await clock.advance(60_000);

    await expect(access.authHeader()).resolves.toBe('Bearer first');
  });

  it('says what to do where there is no cluster', async () => {
    await expect(loadKubeConfig({ environment: {} })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await rm(join(folder, 'ca.crt'));
    await expect(loadKubeConfig({ environment, serviceAccountFolder: folder })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

describe('loadKubeConfig with a kubeconfig', () => {
  async function load(cluster: object, user: object, clock = createFakeClock()) {
    const kubeconfig = join(folder, 'config');
    const config = {
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'payments' } }],
      'current-context': 'x',
    };
    await writeFile(kubeconfig, JSON.stringify(config));
    return loadKubeConfig({ kubeconfig, environment: {}, clock });
  }

  function base64(text: string): string {
    return Buffer.from(text).toString('base64');
  }

  it('reads server, CA, token and namespace', async () => {
    const cluster = { server: 'https://example.com:6443/', 'certificate-authority-data': base64('CA') };

    const access = await load(cluster, { token: 'abc' });

    expect(access).toMatchObject({
      server: 'https://example.com:6443',
      namespace: 'payments',
      tls: { ca: Buffer.from('CA') },
    });
    await expect(access.authHeader()).resolves.toBe('Bearer abc');
  });

  it('reads a client certificate', async () => {
    const user = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') };

    const access = await load({ server: 'https://example.com' }, user);

    expect(access.tls).toEqual({ cert: Buffer.from('CERT'), key: Buffer.from('KEY') });
    await expect(access.authHeader()).resolves.toBeUndefined();
  });

  it('runs an exec plugin', async () => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-plugin' },
    };
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-p', JSON.stringify(JSON.stringify(credential))],
    };

    const access = await load({ server: 'https://example.com' }, { exec });

    await expect(access.authHeader()).resolves.toBe('Bearer from-plugin');
  });

  it('does not print what a failing exec plugin wrote', async () => {
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', 'throw "hunter2"'],
    };

    const error: unknown = await load({ server: 'https://example.com' }, { exec }).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(error).not.toHaveProperty('message', expect.stringContaining('hunter2'));
  });

  it('sends no credentials over plain HTTP', async () => {
    const access = await load({ server: 'http://127.0.0.1:8001' }, { token: 'abc' });

    await expect(access.authHeader()).resolves.toBeUndefined();
  });

  it.each([
    ['a proxy', { server: 'https://example.com', 'proxy-url': 'http://proxy' }, {}],
    ['impersonation', { server: 'https://example.com' }, { as: 'admin' }],
  ])('refuses %s rather than leave it out', async (_, cluster, user) => {
    await expect(load(cluster, user)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('refuses a file that is no kubeconfig', async () => {
    await writeFile(join(folder, 'config'), 'token: hunter2');

    await expect(loadKubeConfig({ kubeconfig: join(folder, 'config'), environment: {} })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});
