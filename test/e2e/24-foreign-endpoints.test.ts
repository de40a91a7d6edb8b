import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import { markAudit, writesOf } from './audit-log.ts';
import { restartLatchkey } from './restart.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, createTeam, type Team } from './team.ts';

/** An address of the plane that the operator lists nowhere; whoever speaks to it is counted. */
const FOREIGN = '10.231.0.3';

let stage: Stage;
let team: Team;
let recorder: Server;
let port: number;
let connections = 0;

beforeAll(async () => {
  stage = await getStage();
  recorder = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => recorder.listen(0, FOREIGN, resolve));
  const address = recorder.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  const endpoints = { vault: ['127.0.0.1'], kubernetes: ['api.example.com'], webhook: ['hooks.example.com'] };
  await restartLatchkey(stage, { identity: { audiences: { vault: ['vault'], kubernetes: ['other'] }, endpoints } });
  team = await createTeam(stage, 'foreign');
});

afterAll(async () => {
  await new Promise((resolve) => recorder.close(resolve));
  await restartLatchkey(stage);
});

function vaultAt(server: string, kubernetes: object): object {
  return { vault: { server, path: 'secret', auth: { kubernetes: { mountPath: 'kubernetes', ...kubernetes } } } };
}

describe('a namespaced store', () => {
  const serviceAccountRef = { name: 'app', audiences: ['https://kubernetes.default.svc'] };
  it.each([
    ['names a foreign Vault', () => vaultAt(`http://${FOREIGN}:${port}`, { role: 'x' }), 'identity.endpoints.vault'],
    [
      'names a foreign audience',
      () => vaultAt(stage.vault.address, { role: 'x', serviceAccountRef }),
      'identity.audiences.vault',
    ],
    [
      'names a foreign API server',
      () => ({ kubernetes: { server: { url: `https://${FOREIGN}:${port}` } } }),
      'identity.endpoints.kubernetes',
    ],
    ['names a foreign Key Vault', () => ({ azurekv: { vaultUrl: `https://${FOREIGN}:${port}` } }), 'vaultUrl'],
    [
      'names a foreign web server',
      () => ({ webhook: { url: `https://${FOREIGN}:${port}/{{ .remoteRef.key }}`, result: { jsonPath: '$.v' } } }),
      'identity.endpoints.webhook',
    ],
  ])('that %s gets no token', async (title, provider, setting) => {
    const name = title.replaceAll(' ', '-').toLowerCase();
    const mark = markAudit();
    await team.create({
      apiVersion: 'external-secrets.io/v1',
      kind: 'SecretStore',
      metadata: { name },
      spec: { provider: provider() },
    });
    const pod = bare(`pod-${name}`, [{ name: 'A', value: `secretstore://${name}/key` }]);

    let message = '';
    await waitUntil('the store is known', async () => {
      message = (await team.create(pod)).message;
      return !message.includes('[STORE_NOT_FOUND]');
    });

    expect(message).toContain('[STORE_INVALID]');
    expect(message).toContain(setting);
    const writes = await writesOf(stage.plane, mark, team.namespace);
    expect(writes.filter((write) => /token|secrets$|leases/.test(write))).toEqual([]);
    expect(connections).toBe(0);
    expect(await team.secrets()).toEqual([]);
  });

  it('would have been recorded if it had been called', async () => {
    await fetch(`http://${FOREIGN}:${port}`).catch(() => undefined);

    expect(connections).toBeGreaterThan(0);
  });
});
