import { describe, expect, it } from 'vitest';
import { applyObject } from '../../../../src/kube/server-side-apply.ts';
import { aDefinition, aSecret, NAMESPACE, syncScene } from '../../../support/external-secret-scene.ts';

const PATH = `/api/v1/namespaces/${NAMESPACE}/secrets/db`;
const MANAGED = { 'reconcile.external-secrets.io/managed': 'true' };
const ADOPTED = { annotations: { 'latchkey.dev/adopt': 'true' } };
const ANOTHER = { data: [{ secretKey: 'user', remoteRef: { key: 'user' } }] };

function target(creationPolicy: string, more: object = {}) {
  return { target: { name: 'db', creationPolicy, ...more } };
}

describe('creationPolicy', () => {
  it.each([
    ['Owner', { password: 'hunter2' }, 'SecretSynced'],
    ['Orphan', { password: 'hunter2' }, 'SecretSynced'],
    ['CreateOrMerge', { password: 'hunter2' }, 'SecretSynced'],
    ['Merge', undefined, 'SecretMissing'],
    ['None', undefined, 'SecretSynced'],
  ])('%s finds no Secret', async (policy, values, reason) => {
    const scene = await syncScene([aDefinition(target(policy))]);

    expect(scene.values()).toEqual(values);
    expect(scene.ready()).toMatchObject({ status: 'True', reason });
  });

  it.each(['Owner', 'Orphan', 'CreateOrMerge', 'Merge'])(
    '%s leaves a foreign Secret as it is and says what to do',
    async (policy) => {
      const scene = await syncScene([aDefinition(target(policy)), aSecret({ theirs: 'kept' })]);
      const before = scene.secret();

      await scene.advance(60_000);

      expect(scene.secret()).toEqual(before);
      expect(scene.ready()).toMatchObject({
        status: 'False',
        reason: 'SecretSyncedError',
        message:
          'could not update secret: Secret "db" exists and was not made by an ExternalSecret. Choose another target.name, delete the Secret, or give it over with the annotation latchkey.dev/adopt: "true". [TARGET_CONFLICT]',
      });
    },
  );

  it.each([
    ['Owner', { password: 'hunter2' }, 1],
    ['Orphan', { password: 'hunter2' }, 0],
    ['CreateOrMerge', { password: 'hunter2', theirs: 'kept' }, 0],
    ['Merge', { password: 'hunter2', theirs: 'kept' }, 0],
    ['None', { password: 'old', theirs: 'kept' }, 0],
  ])('%s takes a Secret that was given over', async (policy, values, owners) => {
    const scene = await syncScene([
      aDefinition(target(policy)),
      aSecret({ password: 'old', theirs: 'kept' }, { ...ADOPTED }),
    ]);

    expect(scene.ready()).toMatchObject({ status: 'True', reason: 'SecretSynced' });
    expect(scene.values()).toEqual(values);
    expect(scene.secret()?.metadata.ownerReferences ?? []).toHaveLength(owners);
  });

  it('is tried again soon after the Secret was given over', async () => {
    const scene = await syncScene([aDefinition(), aSecret({ theirs: 'gone' })]);
    const reads = scene.world.reads;
    await scene.advance(60_000);
    const readsWhileTaken = scene.world.reads - reads;

    await scene.edit({ metadata: ADOPTED });
    await scene.advance(15_000);

    expect(readsWhileTaken).toBe(0);
    expect(scene.values()).toEqual({ password: 'hunter2' });
  });

  it('Merge fills the Secret soon after it appeared', async () => {
    const scene = await syncScene([aDefinition(target('Merge'))]);
    await applyObject(
      scene.cluster,
      PATH,
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', ...ADOPTED } },
      {
        fieldManager: 'somebody',
        signal: new AbortController().signal,
      },
    );

    await scene.advance(70_000);

    expect(scene.values()).toEqual({ password: 'hunter2' });
  });

  it.each([
    ['Owner', { password: 'hunter2' }],
    ['CreateOrMerge', { password: 'hunter2' }],
    ['Orphan', undefined],
    ['Merge', undefined],
  ])('%s and a Secret that was deleted by hand', async (policy, values) => {
    const scene = await syncScene([aDefinition(target(policy)), aSecret({}, ADOPTED)]);
    await scene.deleteSecret();

    await scene.advance(10 * 60_000);

    expect(scene.values()).toEqual(values);
  });

  it('Orphan makes it again at the next refresh', async () => {
    const scene = await syncScene([aDefinition(target('Orphan'))]);
    await scene.deleteSecret();

    await scene.advance(3_600_000);

    expect(scene.values()).toEqual({ password: 'hunter2' });
  });

  it.each([
    ['Owner', 'Orphan'],
    ['Owner', 'CreateOrMerge'],
    ['Owner', 'Merge'],
  ])('changes from %s to %s without an owner left', async (from, to) => {
    const scene = await syncScene([aDefinition(target(from))]);

    await scene.define(aDefinition(target(to)));

    expect(scene.ready()).toMatchObject({ status: 'True' });
    expect(scene.values()).toEqual({ password: 'hunter2' });
    expect(scene.secret()?.metadata.ownerReferences ?? []).toEqual([]);
  });

  it.each(['Merge', 'CreateOrMerge'])('%s removes the keys that it no longer names, and no others', async (policy) => {
    const scene = await syncScene([aDefinition(target(policy)), aSecret({ theirs: 'kept' }, ADOPTED)]);
    scene.remote.set('user', 'root');

    await scene.define(aDefinition({ ...target(policy), ...ANOTHER }));

    expect(scene.values()).toEqual({ theirs: 'kept', user: 'root' });
  });

  it('Merge of two ExternalSecrets shares one Secret', async () => {
    const second = aDefinition({ ...target('Merge'), ...ANOTHER }, { name: 'second' });
    const scene = await syncScene([aDefinition(target('Merge')), second, aSecret({ theirs: 'kept' }, ADOPTED)]);
    scene.remote.set('user', 'root');

    await scene.advance(70_000);

    expect(scene.values()).toEqual({ theirs: 'kept', password: 'hunter2', user: 'root' });
  });

  it('CreatedOnce leaves what an earlier definition of the name made', async () => {
    const once = { ...target('Orphan'), refreshPolicy: 'CreatedOnce' };
    const scene = await syncScene([aDefinition(once)]);
    await scene.undefine();
    scene.remote.set('db', 'rotated');

    await scene.define(aDefinition(once));

    expect(scene.ready()).toMatchObject({ status: 'True' });
    expect(scene.values()).toEqual({ password: 'hunter2' });
  });
});

describe('two ExternalSecrets with one target', () => {
  it.each(['Owner', 'Orphan'])('are a conflict (%s), which ends when the first goes', async (policy) => {
    const second = aDefinition({ ...target(policy), ...ANOTHER }, { name: 'second' });
    const scene = await syncScene([aDefinition(target(policy))]);
    scene.remote.set('user', 'root');
    await scene.define(second);
    const refused = scene.ready('second');

    await scene.undefine();
    // What the garbage collector does for Owner.
    if (policy === 'Owner') await scene.deleteSecret();
    await scene.advance(15_000);

    expect(refused).toMatchObject({
      status: 'False',
      message: expect.stringContaining(
        'target is owned by another ExternalSecret: Secret "db" belongs to ExternalSecret "db".',
      ),
    });
    expect(scene.ready('second')).toMatchObject({ status: 'True' });
    expect(scene.values()).toEqual({ user: 'root' });
  });
});

describe('an ExternalSecret that was deleted and made anew', () => {
  it('takes over the Secret that the one before leaves behind', async () => {
    const scene = await syncScene([aDefinition()]);
    await scene.undefine();

    await scene.define(aDefinition());

    const { uid } = scene.cluster.find('external-secrets.io/v1', 'ExternalSecret', NAMESPACE, 'db')?.metadata ?? {};
    expect(scene.ready()).toMatchObject({ status: 'True' });
    expect(scene.secret()?.metadata.ownerReferences).toMatchObject([{ uid, controller: true }]);
  });
});

describe('deletionPolicy', () => {
  it.each([
    ['Retain', 'Owner', 'False', 'SecretSyncedError', { password: 'hunter2' }],
    ['Delete', 'Owner', 'True', 'SecretDeleted', undefined],
    ['Merge', 'Owner', 'True', 'SecretSynced', {}],
    ['Merge', 'Orphan', 'True', 'SecretSynced', {}],
  ])('%s with %s when the remote secret goes', async (deletionPolicy, policy, status, reason, values) => {
    const scene = await syncScene([aDefinition(target(policy, { deletionPolicy }))]);
    scene.remote.delete('db');

    await scene.advance(3_600_000);

    expect(scene.ready()).toMatchObject({ status, reason });
    expect(scene.values()).toEqual(values);
  });

  it('Delete says so in Events, and makes the Secret again when the remote secret is back', async () => {
    const scene = await syncScene([aDefinition(target('Owner', { deletionPolicy: 'Delete' }))]);
    scene.remote.delete('db');
    await scene.advance(3_600_000);
    const events = scene.events.map(({ reason, message }) => `${reason}: ${message}`);
    scene.remote.set('db', 'back');

    await scene.advance(3_600_000);

    expect(events).toEqual([
      'Created: secret created',
      'Deleted: secret deleted due to DeletionPolicy=Delete',
      'MissingProviderSecret: secret does not exist at provider using spec.data (key=db)',
    ]);
    expect(scene.values()).toEqual({ password: 'back' });
  });

  it('Merge keeps the keys of others', async () => {
    const scene = await syncScene([
      aDefinition(target('Merge', { deletionPolicy: 'Merge' })),
      aSecret({ theirs: 'kept' }, ADOPTED),
    ]);
    scene.remote.delete('db');

    await scene.advance(3_600_000);

    expect(scene.values()).toEqual({ theirs: 'kept' });
  });
});

describe('a target', () => {
  it('of another name replaces the one before', async () => {
    const scene = await syncScene([aDefinition()]);

    await scene.define(aDefinition({ target: { name: 'renamed' } }));

    expect([scene.values(), scene.values('renamed')]).toEqual([undefined, { password: 'hunter2' }]);
    expect(scene.events.map(({ message }) => message)).toContain('secret deleted because it was orphaned');
  });

  it('of another name replaces the one that an earlier leader made', async () => {
    const scene = await syncScene([aDefinition()]);
    await scene.stop();
    const next = await syncScene([], { cluster: scene.cluster });

    await next.define(aDefinition({ target: { name: 'renamed' } }));

    expect([next.values(), next.values('renamed')]).toEqual([undefined, { password: 'hunter2' }]);
  });

  it('of another type has to be deleted first', async () => {
    const scene = await syncScene([aDefinition()]);

    await scene.define(aDefinition({ target: { template: { type: 'kubernetes.io/tls' } } }));

    expect(scene.ready()).toMatchObject({
      message:
        'could not update secret: Secret "db" has another type than kubernetes.io/tls, and Kubernetes changes no type. Delete it, and it is made again with the new type. [WRITE_REFUSED]',
    });
  });

  it('that is immutable keeps its values', async () => {
    const scene = await syncScene([aDefinition({ target: { immutable: true } })]);
    scene.remote.set('db', 'rotated');

    await scene.annotate({ 'force-sync': '1' });

    expect(scene.values()).toEqual({ password: 'hunter2' });
    expect(scene.ready()).toMatchObject({
      message: expect.stringContaining('could not update secret, target is immutable'),
    });
  });
});

describe('a Secret that External Secrets made', () => {
  const theirs = (more: object = {}) => aSecret({ password: 'old', stale: 'old' }, { labels: MANAGED, ...more });

  it.each(['Owner', 'Orphan'])('is taken over whole (%s), stale keys removed', async (policy) => {
    const scene = await syncScene([aDefinition(target(policy)), theirs()]);

    expect(scene.ready()).toMatchObject({ status: 'True' });
    expect(scene.values()).toEqual({ password: 'hunter2' });
  });

  it('and merged into is taken over with the keys that it owned there', async () => {
    const scene = await syncScene([aSecret({ theirs: 'kept' }, { labels: MANAGED })]);
    const manager = { fieldManager: 'externalsecrets.external-secrets.io/db', signal: new AbortController().signal };
    const body = { data: { password: 'b2xk', stale: 'b2xk' } };
    await applyObject(
      scene.cluster,
      PATH,
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, ...body },
      manager,
    );

    await scene.define(aDefinition(target('Merge')));

    expect(scene.values()).toEqual({ theirs: 'kept', password: 'hunter2' });
  });

  it('for another ExternalSecret stays its own', async () => {
    const owner = {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      name: 'other',
      uid: 'u',
      controller: true,
    };
    const scene = await syncScene([aDefinition(), theirs({ ownerReferences: [owner] })]);

    expect(scene.values()).toEqual({ password: 'old', stale: 'old' });
    expect(scene.ready()).toMatchObject({ message: expect.stringContaining('belongs to ExternalSecret "other"') });
  });

  it('but controlled by something else is not owned by us', async () => {
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api', uid: 'u', controller: true };
    const scene = await syncScene([aDefinition(), theirs({ ownerReferences: [owner] })]);

    expect(scene.ready()).toMatchObject({
      message: expect.stringContaining(
        'failed to take ownership of target secret: Secret "db" is controlled by Deployment "api".',
      ),
    });
  });
});
