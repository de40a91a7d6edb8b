import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  team = await createTeam(stage, 'foreign');
  // While nobody is there to refuse them.
  await Promise.all([0, 1].map((replica) => stage.processes.webhook(replica).stop()));
  for (const [title, provider] of STORES) await createStore(nameOf(title), provider());
  const endpoints = { vault: ['127.0.0.1'], kubernetes: ['api.example.com'], webhook: ['hooks.example.com'] };
  await restartLatchkey(stage, { identity: { audiences: { vault: ['vault'], kubernetes: ['other'] }, endpoints } });
});

afterAll(async () => {
  await new Promise((resolve) => recorder.close(resolve));
  await restartLatchkey(stage);
});

/** Each with the setting that keeps tokens from it. */
const STORES: readonly (readonly [title: string, provider: () => object, setting: string])[] = [
  ['a foreign Vault', () => vaultAt(`http://${FOREIGN}:${port}`), 'identity.endpoints.vault'],
  [
    'a foreign audience',
    () => vaultAt(stage.vault.address, { name: 'app', audiences: ['https://kubernetes.default.svc'] }),
    'identity.audiences.vault',
  ],
  [
    'a foreign API server',
    () => ({ kubernetes: { server: { url: `https://${FOREIGN}:${port}` } } }),
    'identity.endpoints.kubernetes',
  ],
  ['a foreign Key Vault', () => ({ azurekv: { vaultUrl: `https://${FOREIGN}:${port}` } }), 'vaultUrl'],
  [
    'a foreign web server',
    () => ({ webhook: { url: `https://${FOREIGN}:${port}/{{ .remoteRef.key }}`, result: { jsonPath: '$.v' } } }),
    'identity.endpoints.webhook',
  ],
];

function vaultAt(server: string, serviceAccountRef?: object): object {
  const kubernetes = { mountPath: 'kubernetes', role: 'x', ...(serviceAccountRef && { serviceAccountRef }) };
  return { vault: { server, path: 'secret', auth: { kubernetes } } };
}

function nameOf(title: string): string {
  return title.replaceAll(' ', '-').toLowerCase();
}

function createStore(name: string, provider: object) {
  const metadata = { name };
  return team.create({ apiVersion: 'external-secrets.io/v1', kind: 'SecretStore', metadata, spec: { provider } });
}

describe('a namespaced store', () => {
  it.each(STORES)('that names %s is refused', async (title, provider, setting) => {
    const { status, message } = await createStore(`late-${nameOf(title)}`, provider());

    expect(status).toBe(422);
    expect(message).toContain(setting);
  });

  it.each(STORES)('that names %s, and was there before, gets no token', async (title, _provider, setting) => {
    const name = nameOf(title);
    const mark = markAudit();
    const pod = bare(`pod-${name}`, [{ name: 'A', value: `secretstore://${name}/key` }]);

    const { message } = await team.create(pod);

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
