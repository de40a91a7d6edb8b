import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getStage, type Stage } from './stage.ts';
import { createSyncingTeam, foreignSecret, restartController, type SyncingTeam } from './syncing-team.ts';

const ADOPTED = { annotations: { 'latchkey.dev/adopt': 'true' } };
const SYNCED = { password: 'hunter2' };

let stage: Stage;
let team: SyncingTeam;

beforeAll(async () => {
  stage = await getStage();
  await restartController(stage, '5s');
  team = await createSyncingTeam(stage, 'policies');
  await team.put('db', { password: 'hunter2', user: 'app' });
});

afterAll(() => restartController(stage));

/** Each test has a remote secret of its own, which may go. */
async function remoteRef(name: string): Promise<object> {
  await team.put(name, { password: 'hunter2' });
  return { data: [{ secretKey: 'password', remoteRef: { key: `${team.namespace}/${name}`, property: 'password' } }] };
}

async function forgetRemote(name: string): Promise<void> {
  await stage.vault.api('DELETE', `secret/metadata/${team.namespace}/${name}`);
}

describe('creationPolicy', () => {
  it.each([
    ['Owner', 'SecretSynced', SYNCED],
    ['Orphan', 'SecretSynced', SYNCED],
    ['CreateOrMerge', 'SecretSynced', SYNCED],
    ['Merge', 'SecretMissing', undefined],
    ['None', 'SecretSynced', undefined],
  ])('%s where there is no Secret', async (creationPolicy, reason, values) => {
    const name = `absent-${creationPolicy.toLowerCase()}`;
    await team.define(name, { target: { creationPolicy } });

    await team.untilReady(name, reason);

    expect(await team.values(name)).toEqual(values);
  });

  it.each(['Owner', 'Orphan', 'CreateOrMerge', 'Merge'])(
    '%s leaves a foreign Secret as it is and says what to do',
    async (creationPolicy) => {
      const name = `foreign-${creationPolicy.toLowerCase()}`;
      await stage.plane.apply(foreignSecret(team.namespace, name));
      const before = await team.secret(name);
      await team.define(name, { target: { creationPolicy } });

      const { message } = await team.untilReady(name, 'SecretSyncedError', 'could not update secret');

      expect(message).toContain('latchkey.dev/adopt: "true"');
      expect(message).toContain('[TARGET_CONFLICT]');
      expect(await team.secret(name)).toEqual(before);
    },
  );

  it.each([
    ['Owner', SYNCED, 1],
    ['Orphan', SYNCED, 0],
    ['CreateOrMerge', { ...SYNCED, theirs: 'kept' }, 0],
    ['Merge', { ...SYNCED, theirs: 'kept' }, 0],
    ['None', { password: 'theirs', theirs: 'kept' }, 0],
  ])('%s takes a Secret that was given over', async (creationPolicy, values, owners) => {
    const name = `adopted-${creationPolicy.toLowerCase()}`;
    await stage.plane.apply(foreignSecret(team.namespace, name, ADOPTED));
    await team.define(name, { target: { creationPolicy } });

    await team.untilReady(name, 'SecretSynced');

    expect(await team.values(name)).toEqual(values);
    expect((await team.secret(name))?.metadata.ownerReferences ?? []).toHaveLength(owners);
  });

  it('is carried out soon after a foreign Secret was given over', async () => {
    await stage.plane.apply(foreignSecret(team.namespace, 'given-later'));
    await team.define('given-later');
    await team.untilReady('given-later', 'SecretSyncedError');

    await team.edit('given-later', { metadata: ADOPTED });

    expect(await team.untilValues('given-later', SYNCED)).toBe(true);
  });

  it('Merge fills a Secret soon after it appeared', async () => {
    await team.define('appears', { target: { creationPolicy: 'Merge' } });
    await team.untilReady('appears', 'SecretMissing');

    await stage.plane.apply(foreignSecret(team.namespace, 'appears', ADOPTED));

    expect(await team.untilValues('appears', { ...SYNCED, theirs: 'kept' })).toBe(true);
  });

  it('Merge of two ExternalSecrets shares a Secret, and each removes only its own keys', async () => {
    await stage.plane.apply(foreignSecret(team.namespace, 'shared', ADOPTED));
    const key = `${team.namespace}/db`;
    const user = [{ secretKey: 'user', remoteRef: { key, property: 'user' } }];
    const login = [{ secretKey: 'login', remoteRef: { key, property: 'user' } }];
    const target = { name: 'shared', creationPolicy: 'Merge' };
    await team.define('shares-one', { target });
    await team.define('shares-two', { target, data: user });
    await team.untilValues('shared', { ...SYNCED, theirs: 'kept', user: 'app' });

    await team.define('shares-two', { target, data: login });

    expect(await team.untilValues('shared', { ...SYNCED, theirs: 'kept', login: 'app' })).toBe(true);
  });

  it.each(['Orphan', 'CreateOrMerge', 'Merge'])('changes from Owner to %s', async (creationPolicy) => {
    const name = `changes-${creationPolicy.toLowerCase()}`;
    await team.define(name);
    await team.untilReady(name, 'SecretSynced');

    await team.define(name, { target: { creationPolicy } });

    await expect
      .poll(async () => (await team.secret(name))?.metadata.ownerReferences ?? [], { timeout: 30_000 })
      .toEqual([]);
    expect(await team.values(name)).toEqual(SYNCED);
  });
});

describe('two ExternalSecrets with one target', () => {
  it('are a conflict, which ends when the first goes', async () => {
    const target = { name: 'wanted-twice' };
    await team.define('comes-first', { target });
    await team.untilReady('comes-first', 'SecretSynced');
    const user = { secretKey: 'user', remoteRef: { key: `${team.namespace}/db`, property: 'user' } };
    await team.define('comes-second', { target, data: [user] });
    const { message } = await team.untilReady('comes-second', 'SecretSyncedError');
    const meanwhile = await team.values('wanted-twice');

    await team.undefine('comes-first');

    await team.untilValues('wanted-twice', { user: 'app' });
    await team.untilReady('comes-second', 'SecretSynced');
    expect(message).toContain('target is owned by another ExternalSecret: Secret "wanted-twice" belongs to');
    expect(meanwhile).toEqual(SYNCED);
  });
});

describe('deletionPolicy, when the remote secret goes', () => {
  it.each([
    ['Retain', 'Owner', 'SecretSyncedError', SYNCED],
    ['Delete', 'Owner', 'SecretDeleted', undefined],
    ['Merge', 'Owner', 'SecretSynced', {}],
    ['Merge', 'Orphan', 'SecretSynced', {}],
    ['Merge', 'Merge', 'SecretSynced', { theirs: 'kept' }],
  ])('%s with creationPolicy %s', async (deletionPolicy, creationPolicy, reason, values) => {
    const name = `gone-${deletionPolicy.toLowerCase()}-${creationPolicy.toLowerCase()}`;
    if (creationPolicy === 'Merge') await stage.plane.apply(foreignSecret(team.namespace, name, ADOPTED));
    const data = await remoteRef(name);
    await team.define(name, { refreshInterval: '2s', target: { creationPolicy, deletionPolicy }, ...data });
    await team.untilReady(name, 'SecretSynced');

    await forgetRemote(name);

    expect(await team.untilValues(name, values)).toBe(true);
    await team.untilReady(name, reason);
  });

  it('Delete makes the Secret again when the remote secret is back', async () => {
    const data = await remoteRef('comes-back');
    await team.define('comes-back', { refreshInterval: '2s', target: { deletionPolicy: 'Delete' }, ...data });
    await team.untilValues('comes-back', SYNCED);
    await forgetRemote('comes-back');
    const { message } = await team.untilReady('comes-back', 'SecretDeleted');

    await remoteRef('comes-back');

    await team.untilValues('comes-back', SYNCED);
    expect(message).toBe('secret deleted due to DeletionPolicy=Delete');
    const events = (await team.events()).filter(({ regarding }) => regarding === 'ExternalSecret comes-back');
    expect(events.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['Created', 'Deleted', 'MissingProviderSecret']),
    );
  });
});

describe('a target', () => {
  it('of another name replaces the one before', async () => {
    await team.define('renames');
    await team.untilValues('renames', SYNCED);

    await team.define('renames', { target: { name: 'renamed' } });

    await team.untilValues('renamed', SYNCED);
    expect(await team.untilValues('renames', undefined)).toBe(true);
  });

  it('of another type has to be deleted first', async () => {
    await team.define('typed');
    await team.untilReady('typed', 'SecretSynced');
    await team.define('typed', { target: { template: { type: 'example.com/other', mergePolicy: 'Merge' } } });
    const { message } = await team.untilReady('typed', 'SecretSyncedError', 'could not update secret');

    await stage.plane.kubectl(['delete', 'secret', 'typed', '-n', team.namespace]);

    await team.untilReady('typed', 'SecretSynced');
    expect(message).toContain('has another type than example.com/other');
    expect((await team.secret('typed'))?.type).toBe('example.com/other');
  });

  it('that is immutable keeps its values', async () => {
    const data = await remoteRef('sealed');
    await team.define('sealed', { target: { immutable: true }, ...data });
    await team.untilValues('sealed', SYNCED);
    await team.put('sealed', { password: 'rotated' });

    await team.annotate('sealed', { 'force-sync': '1' });

    await team.untilReady('sealed', 'SecretSyncedError', 'could not update secret, target is immutable');
    expect(await team.values('sealed')).toEqual(SYNCED);
    expect(await team.secret('sealed')).toMatchObject({ immutable: true });
  });

  it.each(['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'])(
    'never becomes a Secret of type %s',
    async (type) => {
      const name = `type-${type.split('.')[0] ?? ''}`;
      await team.define(name, { target: { template: { type, mergePolicy: 'Merge' } } }).catch(() => undefined);

      expect(await team.secret(name)).toBeUndefined();
    },
  );
});

describe('a Secret that External Secrets made', () => {
  it('is taken over: keys, labels and owner that it no longer has go', async () => {
    const { plane } = stage;
    await team.define('handed-over', { secretStoreRef: { name: 'nobody-yet' } });
    const { metadata } = await team.definition('handed-over');
    const manager = 'externalsecrets.external-secrets.io/handed-over';
    const theirs = foreignSecret(team.namespace, 'handed-over', {
      labels: { 'reconcile.external-secrets.io/managed': 'true', stale: 'label' },
      annotations: { 'reconcile.external-secrets.io/data-hash': 'theirs' },
      ownerReferences: [
        {
          apiVersion: 'external-secrets.io/v1',
          kind: 'ExternalSecret',
          name: 'handed-over',
          uid: metadata['uid'],
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    });
    const path = `/api/v1/namespaces/${team.namespace}/secrets?fieldManager=${encodeURIComponent(manager)}`;
    const { status } = await plane.request('POST', path, { body: theirs });

    await team.define('handed-over');

    await team.untilValues('handed-over', SYNCED);
    const secret = await team.secret('handed-over');
    expect(status).toBe(201);
    expect(secret?.metadata['labels']).not.toHaveProperty('stale');
    expect(secret?.metadata.ownerReferences).toMatchObject([{ uid: metadata['uid'], controller: true }]);
    expect(JSON.stringify(secret?.metadata['managedFields'])).not.toContain(manager);
  });
});
