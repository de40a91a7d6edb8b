import { describe, expect, it } from 'vitest';
import { aDefinition, failure, NAMESPACE, ourStore, syncScene } from '../../../support/external-secret-scene.ts';

describe('an ExternalSecret that is ours', () => {
  it('becomes a Secret with its owner and the marks of External Secrets, in three requests', async () => {
    const scene = await syncScene([aDefinition({}, { labels: { team: 'db' }, uid: 'uid-of-db' })]);

    expect(scene.values()).toEqual({ password: 'hunter2' });
    expect(scene.secret()).toMatchObject({
      type: 'Opaque',
      metadata: {
        labels: {
          team: 'db',
          'app.kubernetes.io/managed-by': 'latchkey',
          'reconcile.external-secrets.io/managed': 'true',
          'reconcile.external-secrets.io/created-by': expect.stringMatching(/^[0-9a-f]{56}$/),
        },
        annotations: {
          'reconcile.external-secrets.io/data-hash': expect.stringMatching(/^[0-9a-f]{56}$/),
          'latchkey.dev/external-secret': 'db',
        },
        ownerReferences: [
          {
            apiVersion: 'external-secrets.io/v1',
            kind: 'ExternalSecret',
            name: 'db',
            uid: 'uid-of-db',
            controller: true,
          },
        ],
      },
    });
    expect(scene.writes().map(({ method, path }) => `${method} ${path.split('/').at(-1)}`)).toEqual([
      'PATCH db',
      'PATCH db',
      'PATCH status',
    ]);
  });

  it('says so in its status and its Events', async () => {
    const scene = await syncScene([aDefinition()]);

    expect(scene.status()).toEqual({
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'SecretSynced',
          message: 'secret synced',
          lastTransitionTime: '2026-11-22T05:00:00Z',
        },
      ],
      refreshTime: '2026-11-22T05:00:00Z',
      syncedResourceVersion: expect.stringMatching(/^1-[0-9a-f]{56}$/),
      binding: { name: 'db' },
    });
    expect(scene.events).toMatchObject([{ type: 'Normal', reason: 'Created', message: 'secret created' }]);
  });

  it('follows the remote secret at its interval', async () => {
    const scene = await syncScene([aDefinition()]);
    scene.remote.set('db', 'rotated');

    await scene.advance(50 * 60_000);
    const before = scene.values();
    await scene.advance(10 * 60_000);

    expect(before).toEqual({ password: 'hunter2' });
    expect(scene.values()).toEqual({ password: 'rotated' });
    expect(scene.events.map(({ reason }) => reason)).toEqual(['Created', 'Updated']);
  });

  it('writes nothing where a refresh brought nothing new', async () => {
    const scene = await syncScene([aDefinition({ refreshInterval: '10s' })]);
    const [secret, status] = [scene.secret(), scene.status()];

    await scene.advance(40 * 60_000);

    expect(scene.world.reads).toBeGreaterThan(200);
    expect(scene.secret()).toEqual(secret);
    expect(scene.status()).toEqual(status);
  });

  it('shows when it last looked at least once an hour', async () => {
    const scene = await syncScene([aDefinition({ refreshInterval: '10s' })]);

    await scene.advance(60 * 60_000);

    expect(scene.status()).toMatchObject({ refreshTime: expect.stringMatching(/T05:45/) });
  });

  it.each([
    ['an annotation', { 'force-sync': '1' }],
    ['another annotation', { anything: 'else' }],
  ])('is read again at once after %s was set', async (_what, annotations) => {
    const scene = await syncScene([aDefinition()]);
    scene.remote.set('db', 'rotated');

    await scene.annotate(annotations);

    expect(scene.values()).toEqual({ password: 'rotated' });
  });

  it('is read once for good with refreshInterval 0', async () => {
    const scene = await syncScene([aDefinition({ refreshInterval: '0s' })]);
    scene.remote.set('db', 'rotated');

    await scene.annotate({ 'force-sync': '1' });
    await scene.advance(24 * 3_600_000);

    expect(scene.world.reads).toBe(1);
    expect(scene.values()).toEqual({ password: 'hunter2' });
  });

  it('is not read again by the next leader while it is fresh', async () => {
    const scene = await syncScene([aDefinition()]);
    await scene.stop();

    const next = await syncScene([], { cluster: scene.cluster });
    await next.advance(10 * 60_000);

    expect(next.world.reads).toBe(0);
  });

  it('makes its Secret again soon after somebody deleted it', async () => {
    const scene = await syncScene([aDefinition()]);
    await scene.deleteSecret();

    await scene.advance(70_000);

    expect(scene.values()).toEqual({ password: 'hunter2' });
  });

  it.each([
    ['a value that was changed', { data: { password: 'ZWRpdGVk' } }],
    ['a key that was added', { data: { extra: 'ZWRpdGVk' } }],
    ['a key that was removed', { data: { password: null } }],
    ['its mark', { metadata: { labels: { 'reconcile.external-secrets.io/managed': null } } }],
  ])('repairs %s', async (_what, edit) => {
    const scene = await syncScene([aDefinition()]);
    await scene.edit(edit);

    await scene.advance(70_000);

    expect(scene.values()).toEqual({ password: 'hunter2' });
    expect(scene.secret()?.metadata.labels).toMatchObject({ 'reconcile.external-secrets.io/managed': 'true' });
    expect(scene.world.reads).toBe(2);
  });

  it.each([
    ['a value that was changed', { data: { password: 'ZWRpdGVk' } }],
    ['a key that was added', { data: { extra: 'ZWRpdGVk' } }],
    ['a key that was removed', { data: { password: null } }],
  ])('repairs %s while nobody led', async (_what, edit) => {
    const scene = await syncScene([aDefinition()]);
    await scene.stop();
    await scene.edit(edit);

    const next = await syncScene([], { cluster: scene.cluster });
    await next.advance(70_000);

    expect(next.values()).toEqual({ password: 'hunter2' });
  });

  it('leaves labels that others set as they are, without reading anything for that', async () => {
    const scene = await syncScene([aDefinition()]);
    await scene.edit({ metadata: { labels: { theirs: 'yes' } } });

    await scene.advance(3 * 60_000);

    expect(scene.secret()?.metadata.labels).toMatchObject({ theirs: 'yes' });
    expect(scene.world.reads).toBe(1);
  });
});

describe('whose an ExternalSecret is', () => {
  it.each([
    ['of another class', [ourStore({ controller: 'default' })], ''],
    ['of no class', [ourStore({ controller: '' })], ''],
    ['that does not exist', [], ''],
    ['of another class, beside what we claim', [ourStore({ controller: 'default' })], 'stores: {claimUnclassed: true}'],
  ])('is left alone with a store %s', async (_what, stores, config) => {
    const scene = await syncScene([aDefinition()], { stores, config });

    await scene.advance(3_600_000);

    expect(scene.writes()).toEqual([]);
    expect(scene.world.reads).toBe(0);
  });

  it('is synced with a store of no class where we claim those', async () => {
    const scene = await syncScene([aDefinition()], {
      stores: [ourStore({ controller: '' })],
      config: 'stores: {claimUnclassed: true}',
    });

    expect(scene.ready()).toMatchObject({ status: 'True', reason: 'SecretSynced' });
  });

  it('says that its store is missing, and is synced as soon as it is there', async () => {
    const scene = await syncScene([aDefinition()], { stores: [], config: 'stores: {claimUnclassed: true}' });
    const before = scene.ready();

    scene.stores.set(ourStore());
    await scene.settled();

    expect(before).toMatchObject({
      status: 'False',
      reason: 'SecretSyncedError',
      message:
        'could not get secret data from provider: SecretStore "main" does not exist in namespace payments. Create it, or correct the reference. [STORE_NOT_FOUND]',
    });
    expect(scene.ready()).toMatchObject({ status: 'True' });
  });

  it('is read again at once when its store changed', async () => {
    const scene = await syncScene([aDefinition()]);
    scene.remote.set('db', 'elsewhere');

    scene.stores.set(ourStore({ generation: 2 }));
    await scene.settled();

    expect(scene.values()).toEqual({ password: 'elsewhere' });
  });

  it('is read again at once when its store changed under the next leader', async () => {
    const scene = await syncScene([aDefinition()]);
    await scene.stop();
    const next = await syncScene([], { cluster: scene.cluster });
    next.remote.set('db', 'elsewhere');

    next.stores.set(ourStore({ generation: 2 }));
    await next.settled();

    expect(next.values()).toEqual({ password: 'elsewhere' });
  });

  it('has no shared Secret where a store names no identity', async () => {
    const asPod = { needs: { who: 'pod', audiences: [], credentials: [], caBundles: [] } } as const;
    const store = ourStore();
    const scene = await syncScene([aDefinition()], {
      stores: [{ ...store, configured: { ...store.configured, ...asPod } as never }],
    });

    await scene.advance(3 * 3_600_000);

    expect(scene.ready()).toMatchObject({ status: 'True', reason: 'ReadByPods' });
    expect(scene.secret()).toBeUndefined();
    expect(scene.writes()).toHaveLength(1);
  });

  it('waits for its namespace to opt in, and says with which label', async () => {
    const scene = await syncScene([aDefinition()], { optedIn: false });
    const before = scene.ready();

    await scene.label({ 'latchkey.dev/inject': 'enabled' });

    expect(before).toMatchObject({
      status: 'False',
      reason: 'NamespaceNotOptedIn',
      message: expect.stringContaining('Label it latchkey.dev/inject=enabled'),
    });
    expect(scene.ready()).toMatchObject({ status: 'True' });
  });

  it('says so while its namespace has opted out, and goes on afterwards', async () => {
    const scene = await syncScene([aDefinition()]);
    await scene.label({ 'latchkey.dev/inject': null });
    const meanwhile = scene.ready();

    await scene.label({ 'latchkey.dev/inject': 'enabled' });

    expect(meanwhile).toMatchObject({ status: 'False', reason: 'NamespaceNotOptedIn' });
    expect(scene.ready()).toMatchObject({ status: 'True', reason: 'SecretSynced' });
    expect(scene.values()).toEqual({ password: 'hunter2' });
  });

  it('needs no label where ExternalSecrets are synced everywhere', async () => {
    const scene = await syncScene([aDefinition()], { optedIn: false, config: 'externalSecrets: {namespaces: all}' });

    expect(scene.ready()).toMatchObject({ status: 'True' });
  });

  it('is nobody of ours where they are turned off', async () => {
    const scene = await syncScene([aDefinition()], { config: 'externalSecrets: {enabled: false}' });

    expect(scene.writes()).toEqual([]);
  });

  it('is let go of when it is deleted and External Secrets held it', async () => {
    const finalizers = ['theirs.example/x', 'externalsecrets.external-secrets.io/externalsecret-cleanup'];
    const scene = await syncScene([aDefinition({}, { finalizers })]);

    await scene.undefine();

    const held = scene.cluster.find('external-secrets.io/v1', 'ExternalSecret', NAMESPACE, 'db');
    expect(held?.metadata).toMatchObject({ finalizers: ['theirs.example/x'] });
  });
});

describe('a sync that fails', () => {
  it('says why in the condition, once in an Event, and tries again', async () => {
    const scene = await syncScene([aDefinition()]);
    scene.world.failure = failure('ACCESS_DENIED', 'store "main" may not read "db"');

    await scene.annotate({ 'force-sync': '1' });
    await scene.advance(10_000);
    const failed = scene.ready();
    scene.world.failure = undefined;
    await scene.advance(60_000);

    expect(failed).toMatchObject({
      status: 'False',
      reason: 'SecretSyncedError',
      message: 'could not get secret data from provider: store "main" may not read "db". [ACCESS_DENIED]',
    });
    expect(scene.events.filter(({ type }) => type === 'Warning')).toMatchObject([{ reason: 'UpdateFailed' }]);
    expect(scene.ready()).toMatchObject({ status: 'True', message: 'secret synced' });
    expect(scene.values()).toEqual({ password: 'hunter2' });
  });

  it('that recovers wakes the others of its store', async () => {
    const others = Array.from({ length: 5 }, (_, index) => `db-${index}`);
    const scene = await syncScene(others.map((name) => aDefinition({}, { name })));
    scene.world.failure = failure('PROVIDER_UNAVAILABLE');
    await Promise.all(others.map((name) => scene.annotate({ 'force-sync': '1' }, name)));
    await scene.advance(20 * 60_000);
    const failed = others.map((name) => scene.ready(name)?.status);
    scene.world.failure = undefined;

    await scene.annotate({ 'force-sync': '2' }, 'db-0');

    expect(failed).toEqual(others.map(() => 'False'));
    expect(others.map((name) => scene.ready(name)?.status)).toEqual(others.map(() => 'True'));
  });

  it('to be written down is written down later', async () => {
    const scene = await syncScene([]);
    scene.world.refuses = ({ path }) => path.endsWith('/status');
    await scene.define(aDefinition());
    const before = scene.status();
    scene.world.refuses = () => false;

    await scene.advance(10_000);

    expect(before).toBeUndefined();
    expect(scene.ready()).toMatchObject({ status: 'True' });
  });

  it('is not tried for a definition with mistakes', async () => {
    const scene = await syncScene([aDefinition({ target: { creationPolicy: 'Whatever' } })]);

    expect(scene.ready()).toMatchObject({
      reason: 'SecretSyncedError',
      message: expect.stringContaining('spec.target'),
    });
    expect(scene.world.reads).toBe(0);
  });
});

describe('metrics', () => {
  it('have the names of External Secrets, and go with their object', async () => {
    const scene = await syncScene([aDefinition()]);
    const before = await scene.metrics();

    await scene.undefine();

    expect(before).toContain('externalsecret_sync_calls_total{name="db",namespace="payments"} 1');
    expect(before).toContain(
      'externalsecret_status_condition{name="db",namespace="payments",condition="Ready",status="True"} 1',
    );
    expect(await scene.metrics()).not.toContain('name="db"');
  });
});

describe('secret values', () => {
  it('stand in the Secret alone', async () => {
    const scene = await syncScene([aDefinition()]);

    expect(JSON.stringify([scene.status(), scene.events, scene.captured.text()])).not.toContain('hunter2');
  });
});
