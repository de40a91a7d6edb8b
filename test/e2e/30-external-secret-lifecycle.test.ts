import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getStage, type Stage } from './stage.ts';
import { createSyncingTeam, namedStore, restartController, type SyncingTeam } from './syncing-team.ts';
import { callsOfRole } from './vault-traffic.ts';

let stage: Stage;
let team: SyncingTeam;

beforeAll(async () => {
  stage = await getStage();
  await restartController(stage, '5s');
  team = await createSyncingTeam(stage, 'syncing');
  await team.put('db', { password: 'hunter2', user: 'app' });
});

afterAll(() => restartController(stage));

describe('an ExternalSecret whose store names an identity', () => {
  it('becomes a Secret with the marks, owner and status that External Secrets gives it', async () => {
    await team.define('first', {}, { labels: { team: 'payments' } });
    await team.untilReady('first', 'SecretSynced', 'secret synced');

    const secret = await team.secret('first');
    const { metadata, status } = await team.definition('first');

    expect(await team.values('first')).toEqual({ password: 'hunter2' });
    expect(secret).toMatchObject({
      type: 'Opaque',
      metadata: {
        labels: {
          team: 'payments',
          'reconcile.external-secrets.io/managed': 'true',
          'reconcile.external-secrets.io/created-by': expect.stringMatching(/^[0-9a-f]{56}$/),
        },
        annotations: { 'reconcile.external-secrets.io/data-hash': expect.stringMatching(/^[0-9a-f]{56}$/) },
        ownerReferences: [{ kind: 'ExternalSecret', name: 'first', uid: metadata['uid'], controller: true }],
      },
    });
    expect(status).toMatchObject({
      binding: { name: 'first' },
      syncedResourceVersion: expect.stringMatching(/^1-[0-9a-f]{56}$/),
      refreshTime: expect.stringMatching(/Z$/),
    });
  });

  it('is shown by kubectl as External Secrets shows it', async () => {
    const { stdout } = await stage.plane.kubectl(['get', 'externalsecret', 'first', '-n', team.namespace]);

    expect(stdout.replaceAll(/ {2,}/g, '|').split('\n').slice(0, 2)).toEqual([
      'NAME|STORETYPE|STORE|REFRESH INTERVAL|STATUS|READY|LAST SYNC',
      expect.stringMatching(/^first\|SecretStore\|named\|1h\|SecretSynced\|True\|\d+s$/),
    ]);
  });

  it.each([
    ['a value that was changed', { data: { password: 'ZWRpdGVk' } }],
    ['a key that was added', { data: { extra: 'ZWRpdGVk' } }],
    ['a key that was removed', { data: { password: null } }],
    ['a mark that was removed', { metadata: { labels: { 'reconcile.external-secrets.io/managed': null } } }],
  ])('repairs %s', async (_what, edit) => {
    await team.edit('first', edit);

    await team.untilValues('first', { password: 'hunter2' });
    await expect
      .poll(async () => (await team.secret('first'))?.metadata['labels'], { timeout: 30_000 })
      .toMatchObject({ 'reconcile.external-secrets.io/managed': 'true' });
  });

  it('makes the Secret again after it was deleted', async () => {
    const before = await team.secret('first');
    await stage.plane.kubectl(['delete', 'secret', 'first', '-n', team.namespace]);

    await team.untilValues('first', { password: 'hunter2' });
    expect((await team.secret('first'))?.metadata.uid).not.toBe(before?.metadata.uid);
  });

  it('follows the remote secret, at its interval and when it is asked to', async () => {
    await team.define('interval', { refreshInterval: '3s' });
    await team.untilValues('interval', { password: 'hunter2' });

    await team.put('db', { password: 'rotated', user: 'app' });
    await team.untilValues('interval', { password: 'rotated' });
    const before = await team.values('first');
    await team.annotate('first', { 'force-sync': String(Date.now()) });
    await team.untilValues('first', { password: 'rotated' });

    expect(before).toEqual({ password: 'hunter2' });
  });

  it('writes nothing where a refresh brought nothing new', async () => {
    const versions = async () => [
      (await team.secret('interval'))?.metadata['resourceVersion'],
      (await team.definition('interval')).metadata['resourceVersion'],
    ];
    const before = await versions();

    await delay(10_000);

    expect(await versions()).toEqual(before);
  });

  it('follows its own definition', async () => {
    const remoteRef = { key: `${team.namespace}/db`, property: 'user' };
    await team.define('first', { data: [{ secretKey: 'user', remoteRef }] });

    expect(await team.untilValues('first', { user: 'app' })).toBe(true);
  });

  it('follows its template', async () => {
    const template = (text: string) => ({ target: { template: { data: { url: text } } } });
    await team.define('templated', template('postgres://app:{{ .password }}@db'));
    const before = await team.untilValues('templated', { url: 'postgres://app:rotated@db' });

    await team.define('templated', template('mysql://app:{{ .password | upper }}@db'));

    expect(await team.untilValues('templated', { url: 'mysql://app:ROTATED@db' })).toBe(before);
  });

  it('with refreshInterval 0 stays as it was first read', async () => {
    await team.define('once', { refreshInterval: '0s' });
    await team.untilReady('once', 'SecretSynced');
    const before = await team.values('once');
    await team.put('db', { password: 'again', user: 'app' });

    await team.annotate('once', { 'force-sync': '1' });
    await team.annotate('interval', { 'force-sync': '1' });
    await team.untilValues('interval', { password: 'again' });

    expect(await team.values('once')).toEqual(before);
  });

  it('goes with its Secret', async () => {
    await team.undefine('once');

    expect(await team.untilValues('once', undefined)).toBe(true);
  });

  it('is followed by the next leader, who reads nothing that is fresh', async () => {
    const other = await createSyncingTeam(stage, 'next-leader');
    await other.put('db', { password: 'hunter2' });
    await other.define('fresh');
    await other.untilReady('fresh', 'SecretSynced');
    const startedMs = Date.now();

    await restartController(stage, '5s');
    await other.define('new');
    await other.untilReady('new', 'SecretSynced');
    await delay(5000);

    const reads = (await callsOfRole(stage.vault, other.namespace, startedMs)).filter(({ kind }) => kind === 'read');
    expect(reads).toHaveLength(1);
  });

  it('is repaired by the next leader, when somebody changed its Secret while there was none', async () => {
    await stage.processes.controller(0).stop();
    await team.edit('first', { data: { user: null } });

    await stage.processes.startController(0, { externalSecrets: { driftCheckInterval: '5s' } });

    expect(await team.untilValues('first', { user: 'app' })).toBe(true);
  });
});

describe('its store', () => {
  it('is waited for, and read at once when it is there', async () => {
    const other = await createSyncingTeam(stage, 'store-late');
    await other.put('db', { password: 'late' });
    await stage.plane.kubectl(['delete', 'secretstore', 'named', '-n', other.namespace]);
    await other.define('waits');
    await other.untilReady(
      'waits',
      'SecretSyncedError',
      'could not get secret data from provider: SecretStore "named" does not exist',
    );

    await stage.plane.apply(namedStore(stage.vault.address, other.namespace));

    expect(await other.untilValues('waits', { password: 'late' })).toBe(true);
  });

  it('of another class leaves the ExternalSecret alone', async () => {
    const other = await createSyncingTeam(stage, 'store-foreign');
    await stage.plane.apply(namedStore(stage.vault.address, other.namespace, { controller: 'external-secrets' }));
    await delay(1000);
    await other.define('theirs');

    await delay(3000);

    expect((await other.definition('theirs')).status).toBeUndefined();
    expect(await other.secret('theirs')).toBeUndefined();
  });

  it('that names no identity gives every Pod its own copy', async () => {
    await team.define('for-pods', { secretStoreRef: { name: 'vault' } });

    await team.untilReady('for-pods', 'ReadByPods', 'a store names no identity');
    expect(await team.secret('for-pods')).toBeUndefined();
  });
});

describe('a provider', () => {
  it('that refuses leaves the Secret as it is, says so, and is asked again', async () => {
    const other = await createSyncingTeam(stage, 'refused');
    await other.put('db', { password: 'hunter2' });
    await other.define('one', { refreshInterval: '2s' });
    await other.untilValues('one', { password: 'hunter2' });
    const policy = `sys/policies/acl/${other.namespace}`;
    await stage.vault.api('POST', policy, { body: { policy: 'path "none" { capabilities = ["read"] }' } });

    const refused = await other.untilReady('one', 'SecretSyncedError', 'could not get secret data from provider');
    const kept = await other.values('one');
    await stage.vault.api('POST', policy, {
      body: { policy: `path "secret/data/${other.namespace}/*" { capabilities = ["read"] }` },
    });
    await other.untilReady('one', 'SecretSynced');

    expect(refused.message).toContain('[ACCESS_DENIED]');
    expect(kept).toEqual({ password: 'hunter2' });
    const reasons = (await other.events()).map(({ reason, regarding }) => `${regarding} ${reason}`);
    expect(reasons).toContain('ExternalSecret one UpdateFailed');
    expect(reasons).toContain('ExternalSecret one Created');
  });
});
