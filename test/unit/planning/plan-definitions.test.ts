import { describe, expect, it } from 'vitest';
import type { DefinitionFacts } from '../../../src/planning/definition.ts';
import type { PlanInput } from '../../../src/planning/plan-pod.ts';
import { viewPod } from '../../../src/planning/pod-view.ts';
import { PLAN } from '../../../src/references/annotations.ts';
import type { Store } from '../../../src/stores/store.ts';
import { aContainer, aPod, type PodManifest } from '../../support/a-pod.ts';
import { aStore, needs } from '../../support/a-store.ts';
import { aDefinition, definitionsOf, linesOf, patched, plan, storesOf } from '../../support/plan-scene.ts';

const OWN_IDENTITY = needs({ who: 'serviceAccount', serviceAccount: { name: 'vault' } });
const CLASSED: Partial<PlanInput> = {
  settings: {
    controllerClass: 'latchkey',
    externalSecrets: true,
    claimUnclassed: false,
    defaultStore: undefined,
    deliveries: ['secret'],
  },
};

const SWITCHED_OFF: Partial<PlanInput> = {
  settings: {
    controllerClass: 'latchkey',
    externalSecrets: false,
    claimUnclassed: true,
    defaultStore: undefined,
    deliveries: ['secret'],
  },
};

/** Takes the Secret `db` in every way that a Pod can. */
const EVERYWHERE = aPod({
  initContainers: [aContainer(undefined, { name: 'migrate', envFrom: [{ prefix: 'P_', secretRef: { name: 'db' } }] })],
  containers: [aContainer([{ name: 'A', value: 'x' }, fromKey('PASSWORD', 'db', 'password')])],
  volumes: [
    { name: 'db', secret: { secretName: 'db' } },
    { name: 'all', projected: { sources: [{ secret: { name: 'other' } }, { secret: { name: 'db' } }] } },
  ],
  imagePullSecrets: [{ name: 'db' }],
});
const PLACES = [
  'init container "migrate", envFrom[0]',
  'container "api", env PASSWORD',
  'volume "db"',
  'volume "all", projected.sources[1]',
  'imagePullSecrets[0]',
];

function fromKey(name: string, secret: string, key: string, optional?: true) {
  return { name, valueFrom: { secretKeyRef: { name: secret, key, ...(optional && { optional }) } } };
}

function given(stores: readonly Store[], ...definitions: readonly DefinitionFacts[]): Partial<PlanInput> {
  return { stores: storesOf(...stores), definitions: definitionsOf(...definitions) };
}

function annotated(names: string, rest: Parameters<typeof aPod>[0] = {}): PodManifest {
  return aPod({ annotations: { 'latchkey.dev/external-secret': names }, ...rest });
}

describe('a Pod that uses the Secret of an ExternalSecret whose store is read as the Pod', () => {
  const settings = given([aStore()], aDefinition());

  it('gets one copy of its own, in every place and under one name', () => {
    const { secrets, patch, problems, awaits } = plan(EVERYWHERE, settings);

    const name = secrets[0]?.name ?? '';
    expect([problems, awaits, secrets.length]).toEqual([[], [], 1]);
    expect(secrets[0]?.definition).toMatchObject({ externalSecret: 'db', digest: 'digest-of-db', places: PLACES });
    expect(patched(EVERYWHERE, patch).spec).toEqual(
      JSON.parse(
        JSON.stringify(EVERYWHERE.spec)
          .replaceAll('"name":"db"}', `"name":"${name}"}`)
          .replaceAll('"name":"db","key"', `"name":"${name}","key"`)
          .replaceAll('"secretName":"db"', `"secretName":"${name}"`),
      ),
    );
  });

  it('tests each place before it changes it', () => {
    const { patch } = plan(EVERYWHERE, settings);

    const changed = patch.filter(({ op, path }) => op === 'replace' && !path.startsWith('/metadata'));
    const tested = patch.flatMap((operation) =>
      operation.op === 'test' && operation.value === 'db' ? operation.path : [],
    );
    expect(changed.map(({ path }) => path)).toEqual(tested);
    expect(tested).toHaveLength(PLACES.length);
  });

  it('names the definition and its digest in its plan', () => {
    const { patch } = plan(EVERYWHERE, settings);

    expect(JSON.parse(patched(EVERYWHERE, patch).metadata.annotations?.[PLAN] ?? '')).toEqual({
      v: 1,
      secrets: [{ name: expect.stringMatching(/^lk-/), owner: 'object', definition: 'db', digest: 'digest-of-db' }],
    });
  });

  it('keeps what it was planned in a reinvocation, and plans a new place beside it', () => {
    const first = patched(EVERYWHERE, plan(EVERYWHERE, settings).patch);
    const sidecar = aContainer([fromKey('TOKEN', 'db', 'token')], { name: 'mesh' });
    const between = { ...first, spec: { ...first.spec, containers: [...first.spec.containers, sidecar] } };

    const second = plan(between, settings);

    expect(plan(first, settings)).toMatchObject({ patch: [], problems: [], secrets: [{ recorded: true }] });
    expect(second.secrets).toMatchObject([{ recorded: true, definition: { places: ['container "mesh", env TOKEN'] } }]);
    expect(plan(patched(between, second.patch), settings).patch).toEqual([]);
  });

  it.each([
    ['of another owner', { owner: { kind: 'lease' } } as const, 'digest-of-db'],
    ['of a definition that has changed since', {}, 'changed'],
  ])('gets a copy of its own in place of one %s', (_title, rest, digest) => {
    const original = patched(EVERYWHERE, plan(EVERYWHERE, settings).patch);
    const now = { ...given([aStore()], aDefinition({ digest })), ...rest };

    const copy = plan(original, now);

    expect(copy.problems).toEqual([]);
    expect(copy.secrets).toMatchObject([{ recorded: false, definition: { digest, places: PLACES } }]);
    expect(JSON.stringify(patched(original, copy.patch))).not.toContain(plan(EVERYWHERE, settings).secrets[0]?.name);
    expect(plan(patched(original, copy.patch), now).patch).toEqual([]);
  });

  it('is refused where the definition of a copied place is gone', () => {
    const pod = aPod({ containers: [aContainer([fromKey('A', 'db', 'a')])] });
    const original = patched(pod, plan(pod, settings).patch);

    expect(linesOf(plan(original, given([aStore()], aDefinition({ name: 'dbs' }))))).toEqual([
      'container "api", env A: ExternalSecret "db" does not exist in namespace "payments". Did you mean "dbs"? [EXTERNAL_SECRET_NOT_FOUND]',
    ]);
  });

  it('is told everything that is wrong with the definition and its stores', () => {
    const stores = [
      aStore(),
      { ...aStore({ name: 'closed', kind: 'ClusterSecretStore' }), allowsNamespace: () => false },
      { ...aStore({ name: 'broken' }), configured: undefined as never, problems: ['spec.provider: must name one'] },
    ];
    const names = [
      { kind: 'SecretStore', name: 'aws-prod' },
      { kind: 'ClusterSecretStore', name: 'closed' },
      { kind: 'SecretStore', name: 'broken' },
      { kind: 'ClusterSecretStore', name: 'aws-prod' },
    ] as const;
    const pod = aPod({ containers: [aContainer([fromKey('A', 'db', 'a')])] });

    const definition = aDefinition({
      stores: names,
      problems: ['spec.data[0]: is nothing'],
      type: 'kubernetes.io/service-account-token',
    });

    const place = 'container "api", env A, ExternalSecret "db":';
    expect(linesOf(plan(pod, given(stores, definition)))).toEqual([
      `${place} it has mistakes: spec.data[0]: is nothing. Correct the ExternalSecret. [EXTERNAL_SECRET_INVALID]`,
      `${place} ClusterSecretStore "closed" is not open to namespace "payments". Ask its owner to add the namespace to spec.conditions. [STORE_NOT_ALLOWED]`,
      `${place} SecretStore "broken" has mistakes: spec.provider: must name one. Correct the store. [STORE_INVALID]`,
      `${place} there is no ClusterSecretStore "aws-prod", but a SecretStore of that name. Write kind: SecretStore. [STORE_NOT_FOUND]`,
      `${place} its Secret would be of type kubernetes.io/service-account-token. Correct spec.target.template.type. [EXTERNAL_SECRET_INVALID]`,
    ]);
  });

  it('gets a copy for its ephemeral container too, and nothing else changes', () => {
    const pod = aPod({
      name: 'api-0',
      ephemeralContainers: [aContainer([fromKey('A', 'db', 'a')], { name: 'debug' })],
      volumes: [{ name: 'db', secret: { secretName: 'db' } }],
    });
    const containers = viewPod(pod).containers.filter(({ list }) => list === 'ephemeralContainers');

    const { patch } = plan(pod, { ...settings, mode: 'ephemeral', containers });

    const path = '/spec/ephemeralContainers/0/env/0/valueFrom/secretKeyRef/name';
    expect(patch).toEqual([
      { op: 'test', path, value: 'db' },
      { op: 'replace', path, value: expect.stringMatching(/^lk-/) },
    ]);
  });
});

describe('a Pod that uses the Secret of an ExternalSecret whose stores name identities', () => {
  const settings = given([aStore({ needs: OWN_IDENTITY })], aDefinition());

  it('awaits it, and is left as it is', () => {
    expect(plan(EVERYWHERE, settings)).toEqual({
      secrets: [],
      patch: [],
      awaits: [{ externalSecret: 'db', target: 'db', places: PLACES, optional: false, problems: [] }],
      problems: [],
      warnings: [],
    });
  });

  it.each([
    ['some are', [fromKey('A', 'db', 'a', true), fromKey('B', 'db', 'b')], false],
    ['all are', [fromKey('A', 'db', 'a', true), fromKey('B', 'db', 'b', true)], true],
  ])('can do without it only where all places are optional: %s', (_title, env, optional) => {
    expect(plan(aPod({ containers: [aContainer(env)] }), settings).awaits).toMatchObject([{ optional }]);
  });

  it('knows what will keep it from being synced, without refusing a Pod whose Secret may be there', () => {
    const { awaits, problems } = plan(EVERYWHERE, given([aStore({ name: 'aws-prd' })], aDefinition()));

    expect(problems).toEqual([]);
    expect(linesOf({ problems: awaits[0]?.problems ?? [] })).toEqual([
      `${PLACES.join('; ')}, ExternalSecret "db": SecretStore "aws-prod" does not exist in namespace "payments". Did you mean "aws-prd"? [STORE_NOT_FOUND]`,
    ]);
  });

  it('asks for no permission of the store to Pods: the Pod does not read it', () => {
    const needed = needs({ who: 'serviceAccount', serviceAccount: { name: 'eso', namespace: 'ops' } });
    const stores = [aStore({ kind: 'ClusterSecretStore', name: 'vault', needs: needed })];
    const definition = aDefinition({ stores: [{ kind: 'ClusterSecretStore', name: 'vault' }] });

    expect(plan(EVERYWHERE, given(stores, definition)).awaits).toMatchObject([{ problems: [] }]);
  });

  it('gets a copy where one of several stores names none', () => {
    const stores = [aStore(), aStore({ name: 'own', needs: OWN_IDENTITY })];
    const names = [
      { kind: 'SecretStore', name: 'own' },
      { kind: 'SecretStore', name: 'aws-prod' },
    ] as const;

    const { secrets, awaits } = plan(EVERYWHERE, given(stores, aDefinition({ stores: names })));

    expect([secrets.length, awaits]).toEqual([1, []]);
  });
});

describe('a Pod that uses a Secret which is not ours to care for', () => {
  it.each([
    ['that no definition makes', given([aStore()], aDefinition({ target: undefined }))],
    ['of another namespace', given([aStore()], aDefinition({ namespace: 'other' }))],
    ['whose store is of another class', given([{ ...aStore(), controller: 'other' }], aDefinition())],
    ['whose store is of no class that is claimed', { ...given([aStore()], aDefinition()), ...CLASSED }],
    [
      'whose store does not exist and might be of another',
      { ...given([aStore({ name: 'x' })], aDefinition()), ...CLASSED },
    ],
    ['where ExternalSecrets are not carried out at all', { ...given([aStore()], aDefinition()), ...SWITCHED_OFF }],
    ['made by generators, which nobody claimed', { ...given([], aDefinition({ stores: [] })), ...CLASSED }],
  ])('is left alone: one %s', (_title, settings) => {
    expect(plan(EVERYWHERE, settings)).toMatchObject({ secrets: [], patch: [], awaits: [], problems: [] });
  });

  it('is ours where the class is, whatever becomes of others', () => {
    const classed = [{ ...aStore(), controller: 'latchkey' }];

    expect(plan(EVERYWHERE, { ...given(classed, aDefinition()), ...CLASSED }).secrets).toHaveLength(1);
  });
});

describe('latchkey.dev/external-secret', () => {
  const settings = given([aStore()], aDefinition(), aDefinition({ name: 'mail', target: undefined }));

  it('adds the data of each definition to all containers, in order', () => {
    const pod = annotated('mail, db', {
      containers: [
        aContainer({ A: 'x' }),
        aContainer(undefined, { name: 'b', envFrom: [{ configMapRef: { name: 'c' } }] }),
      ],
    });

    const { secrets, patch, problems } = plan(pod, settings);

    const [mail, db] = secrets.map(({ name }) => ({ secretRef: { name } }));
    expect(problems).toEqual([]);
    expect(patched(pod, patch).spec.containers).toMatchObject([
      { envFrom: [mail, db] },
      { envFrom: [{ configMapRef: { name: 'c' } }, mail, db] },
    ]);
    expect(secrets.map(({ definition }) => definition?.variables.length)).toEqual([2, 2]);
  });

  it('gives the copy to the containers that latchkey.dev/containers names', () => {
    const annotations = { 'latchkey.dev/external-secret': 'db', 'latchkey.dev/containers': 'b' };
    const pod = aPod({ annotations, containers: [aContainer(), aContainer(undefined, { name: 'b' })] });

    const { containers } = patched(pod, plan(pod, settings).patch).spec;

    expect(containers.map(({ envFrom }) => envFrom?.length)).toEqual([undefined, 1]);
  });

  it.each([
    ['name an identity', given([aStore({ needs: OWN_IDENTITY })], aDefinition())],
    ['are claimed by nobody', { ...given([aStore()], aDefinition()), ...CLASSED }],
  ])('copies also where the stores %s', (_title, rest) => {
    expect(plan(annotated('db'), rest)).toMatchObject({
      secrets: [{ definition: { externalSecret: 'db' } }],
      awaits: [],
      problems: [],
    });
  });

  it('shares the copy with places that use the target', () => {
    const { secrets } = plan(annotated('db', { volumes: [{ name: 'v', secret: { secretName: 'db' } }] }), settings);

    expect(secrets).toHaveLength(1);
    expect(secrets[0]?.definition?.places).toEqual(['volume "v"', 'annotation latchkey.dev/external-secret on Pod']);
  });

  it('reads no store that is closed to Pods', () => {
    const needed = needs({ who: 'serviceAccount', serviceAccount: { name: 'eso', namespace: 'ops' } });
    const stores = [aStore({ kind: 'ClusterSecretStore', name: 'vault', needs: needed })];
    const definition = aDefinition({ stores: [{ kind: 'ClusterSecretStore', name: 'vault' }] });

    expect(linesOf(plan(annotated('db'), given(stores, definition)))).toEqual([
      'annotation latchkey.dev/external-secret on Pod, ExternalSecret "db": ClusterSecretStore "vault" is read with an identity of another namespace and is not open to Pods. Its owner can open it with the annotation latchkey.dev/pods: allowed. [STORE_NOT_ALLOWED]',
    ]);
  });

  it('suggests a name for one that does not exist', () => {
    expect(linesOf(plan(annotated('bd, nothing-like-it'), settings))).toEqual([
      'annotation latchkey.dev/external-secret on Pod: ExternalSecret "bd" does not exist in namespace "payments". Did you mean "db"? [EXTERNAL_SECRET_NOT_FOUND]',
      'annotation latchkey.dev/external-secret on Pod: ExternalSecret "nothing-like-it" does not exist in namespace "payments". Create it, or correct the name. [EXTERNAL_SECRET_NOT_FOUND]',
    ]);
  });

  it('adds nothing twice to a copied Pod, which gets copies of its own', () => {
    const pod = annotated('mail, db');
    const original = patched(pod, plan(pod, settings).patch);
    const lease = { ...settings, owner: { kind: 'lease' } } as const;

    const copy = plan(original, lease);

    const after = patched(original, copy.patch);
    expect(copy.problems).toEqual([]);
    expect(after.spec.containers[0]?.envFrom).toEqual(copy.secrets.map(({ name }) => ({ secretRef: { name } })));
    expect(plan(after, lease).patch).toEqual([]);
  });
});
