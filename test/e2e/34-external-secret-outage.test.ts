import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getStage, type Stage } from './stage.ts';
import { createSyncingTeam, namedStore, type SyncingTeam } from './syncing-team.ts';

/** What stands between Latchkey and Vault, and can be cut. */
interface Line {
  readonly address: string;
  cut(): Promise<void>;
  mend(): Promise<void>;
}

let stage: Stage;
let team: SyncingTeam;
let line: Line;

beforeAll(async () => {
  stage = await getStage();
  line = await startLine(new URL(stage.vault.address));
  team = await createSyncingTeam(stage, 'outage');
  await team.put('db', { password: 'hunter2' });
  await stage.plane.apply(namedStore(line.address, team.namespace));
});

afterAll(() => line.cut());

async function startLine(vault: URL): Promise<Line> {
  const sockets = new Set<Socket>();
  const port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
  let server: Server | undefined;
  const started: Line = {
    address: `${vault.protocol}//127.0.0.1:${port}`,
    async cut() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
      server = undefined;
    },
    async mend() {
      server = createServer((near) => {
        const far = connect(Number(vault.port), vault.hostname);
        for (const socket of [near, far]) {
          sockets.add(socket);
          socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
        }
        near.pipe(far).pipe(near);
      });
      await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
    },
  };
  await started.mend();
  return started;
}

it('keeps the Secret while the provider is away, says why, and goes on when it is back', async () => {
  const names = ['one', 'two', 'three'];
  await Promise.all(names.map((name) => team.define(name, { refreshInterval: '2s' })));
  await Promise.all(names.map((name) => team.untilValues(name, { password: 'hunter2' })));

  await line.cut();
  const failed = await Promise.all(
    names.map((name) => team.untilReady(name, 'SecretSyncedError', 'could not get secret data from provider')),
  );
  await delay(10_000);
  const kept = await Promise.all(names.map((name) => team.values(name)));
  await team.put('db', { password: 'rotated' });
  await line.mend();

  await Promise.all(names.map((name) => team.untilValues(name, { password: 'rotated' })));
  await Promise.all(names.map((name) => team.untilReady(name, 'SecretSynced')));
  expect(failed.map(({ message }) => /\[(\w+)\]$/.exec(message)?.[1])).toEqual(
    names.map(() => expect.stringMatching(/^PROVIDER_(UNAVAILABLE|TIMEOUT)$/)),
  );
  expect(kept).toEqual(names.map(() => ({ password: 'hunter2' })));
});
