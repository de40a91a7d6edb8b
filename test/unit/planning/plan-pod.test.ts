import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { viewPod } from '../../../src/planning/pod-view.ts';
import { PLAN } from '../../../src/references/annotations.ts';
import type { AnnotationSource } from '../../../src/references/parse-annotations.ts';
import { aContainer, aPod } from '../../support/a-pod.ts';
import { aServiceAccount, aStore, needs } from '../../support/a-store.ts';
import { aNamespace, envOf, linesOf, patched, plan, storesOf } from '../../support/plan-scene.ts';

const PASSWORD = 'secretstore://aws-prod/db#password';

function above(annotations: Readonly<Record<string, string>>): readonly AnnotationSource[] {
  return [{ where: 'Deployment "api"', level: 'workload', annotations }];
}

describe('planPod', () => {
  it('leaves a Pod without references as it is', () => {
    const { secrets, patch, problems } = plan(aPod({ containers: [aContainer({ LOG_LEVEL: 'info' })] }));

    expect({ secrets, patch, problems }).toEqual({ secrets: [], patch: [], problems: [] });
  });

  it('replaces a reference by a key of the planned Secret', () => {
    const pod = aPod({ containers: [aContainer({ LOG_LEVEL: 'info', DB_PASSWORD: PASSWORD })] });

    const { secrets, patch } = plan(pod);

    const name = secrets[0]?.name;
    expect(envOf(patched(pod, patch))).toEqual([
      { name: 'LOG_LEVEL', value: 'info' },
      { name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name, key: 'DB_PASSWORD' } } },
    ]);
    expect(secrets[0]?.keys['DB_PASSWORD']?.places).toEqual(['container "api", env DB_PASSWORD']);
  });

  it('marks the Pod with its plan, which names references and no values', () => {
    const pod = aPod({ containers: [aContainer({ DB_PASSWORD: PASSWORD })] });

    const { metadata } = patched(pod, plan(pod).patch);

    expect(metadata.labels).toEqual({ 'latchkey.dev/injected': 'true' });
    expect(JSON.parse(metadata.annotations?.[PLAN] ?? '')).toEqual({
      v: 1,
      secrets: [{ name: expect.stringMatching(/^lk-/), owner: 'object', keys: { DB_PASSWORD: PASSWORD } }],
    });
  });

  it('keeps labels and annotations that the Pod has', () => {
    const pod = aPod({
      labels: { app: 'api' },
      annotations: { team: 'a' },
      containers: [aContainer({ DB_PASSWORD: PASSWORD })],
    });

    const { metadata } = patched(pod, plan(pod).patch);

    expect(metadata).toMatchObject({ labels: { app: 'api' }, annotations: { team: 'a' } });
  });

  it.each([
    ['another ServiceAccount', { serviceAccount: aServiceAccount({ uid: 'uid-2' }) }],
    [
      'another namespace',
      { namespace: aNamespace({ name: 'other' }), stores: storesOf({ ...aStore(), namespace: 'other' }) },
    ],
    [
      'another revision',
      { owner: { kind: 'object', object: { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u2' } } },
    ],
    ['no revision', { owner: { kind: 'lease' } }],
  ] as const)('gives %s another Secret', (_title, settings) => {
    const pod = aPod({ containers: [aContainer({ DB_PASSWORD: PASSWORD })] });

    const [own, other] = [plan(pod), plan(pod, settings)];

    expect(other.problems).toEqual([]);
    expect(other.secrets[0]?.name).not.toBe(own.secrets[0]?.name);
  });

  it('shares one Secret among containers, with a key each where one name has different values', () => {
    const other = 'secretstore://aws-prod/worker';
    const pod = aPod({
      containers: [
        aContainer({ TOKEN: PASSWORD, DB: PASSWORD }),
        aContainer({ TOKEN: other, DB: PASSWORD }, { name: 'w' }),
      ],
    });

    const { secrets } = plan(pod);

    expect(secrets).toHaveLength(1);
    expect(Object.keys(secrets[0]?.keys ?? {})).toEqual([
      expect.stringMatching(/^TOKEN\.[0-9a-f]{8}$/),
      'DB',
      expect.stringMatching(/^TOKEN\.[0-9a-f]{8}$/),
    ]);
    expect(secrets[0]?.keys['DB']?.places).toEqual(['container "api", env DB', 'container "w", env DB']);
  });

  it('names all broken references at once', () => {
    const pod = aPod({
      containers: [
        aContainer({ A: 'secretstore://aws-pord/a', B: 'secretstore://aws-prod', C: 'clustersecretstore://team/c' }),
      ],
    });

    const { problems } = plan(pod);

    expect(problems.map(({ code, where }) => [code, where])).toEqual([
      ['REF_INVALID', 'container "api", env B'],
      ['STORE_NOT_FOUND', 'container "api", env A'],
      ['STORE_NOT_FOUND', 'container "api", env C'],
    ]);
  });

  it('takes the default store from the nearest annotation, else from the configuration', () => {
    const pod = aPod({ containers: [aContainer({ A: 'secretstore:///a' })] });
    const stores = storesOf(aStore(), aStore({ name: 'near' }), aStore({ name: 'configured' }));
    const settings = {
      controllerClass: 'latchkey',
      externalSecrets: true,
      claimUnclassed: true,
      defaultStore: { kind: 'SecretStore', name: 'configured' },
      deliveries: ['secret'],
    } as const;
    const namespace = aNamespace({ annotations: { 'latchkey.dev/store': 'aws-prod' } });

    const used = [
      plan(pod, { stores, settings, namespace, above: above({ 'latchkey.dev/store': 'near' }) }),
      plan(pod, { stores, settings, namespace }),
      plan(pod, { stores, settings }),
    ].map(({ secrets }) => secrets[0]?.keys['A']?.template[0]);

    expect(used).toMatchObject([
      { store: { name: 'near' } },
      { store: { name: 'aws-prod' } },
      { store: { name: 'configured' } },
    ]);
  });

  it('refuses a reference without a store where there is no default', () => {
    const pod = aPod({ containers: [aContainer({ A: 'secretstore:///a' })] });

    expect(linesOf(plan(pod))).toEqual([
      'container "api", env A: the reference names no store and there is no default store. Write secretstore://STORE/KEY, or name one with the annotation latchkey.dev/store. [STORE_NOT_FOUND]',
    ]);
  });

  it('refuses a Pod that asks for more than any Pod has room for', () => {
    const names = Array.from({ length: 400 }, (_, index) => `V${index}`);
    const containers = Array.from({ length: 100 }, (_, index) => aContainer({}, { name: `c${index}` }));
    const annotations = { 'latchkey.dev/env': names.map((name) => `${name}: ${PASSWORD}`).join('\n') };

    const { secrets, patch, problems } = plan(aPod({ containers, annotations }));

    expect([secrets, patch]).toEqual([[], []]);
    expect(linesOf({ problems })).toEqual([
      'the Pod asks for 40000 values; at most 10000 are served. Divide it, or use env-from. [REF_INVALID]',
    ]);
  });

  it('refuses a plan that is longer than the annotations of a Pod may be', () => {
    const key = 'k'.repeat(250);
    const env = Object.fromEntries(
      Array.from({ length: 1000 }, (_, n) => [`V${n}`, `secretstore://aws-prod/${key}${n}`]),
    );
    const pod = aPod({ containers: [aContainer(env)] });

    const { problems, patch } = plan(pod);

    expect(problems.map(({ code }) => code)).toEqual(['REF_INVALID']);
    expect(problems[0]?.message).toMatch(/take \d+ characters together/);
    expect(patch.some(({ path }) => path.startsWith('/metadata'))).toBe(false);
  });

  it('leaves a Pod alone that says so, whatever else it says', () => {
    const pod = aPod({
      annotations: { 'latchkey.dev/inject': 'false', 'latchkey.dev/files': '{}' },
      containers: [aContainer({ A: PASSWORD, B: 'secretstore://' })],
    });

    expect(plan(pod)).toEqual({ secrets: [], patch: [], awaits: [], problems: [], warnings: [] });
  });

  it.each([
    ['latchkey.dev/files', '{a: secretstore://aws-prod/a}', 'this version of Latchkey does not serve it. Remove it.'],
    ['latchkey.dev/delivery', 'gate', 'delivery "gate" is not allowed here. Write secret, or remove it.'],
  ])('refuses %s, which it does not carry out', (annotation, text, message) => {
    const { problems } = plan(aPod({ annotations: { [annotation]: text } }));

    expect(linesOf({ problems })).toEqual([`annotation ${annotation} on Pod: ${message} [ANNOTATION_INVALID]`]);
  });

  it('warns of an annotation that it does not know', () => {
    const { warnings, patch } = plan(aPod({ annotations: { 'latchkey.dev/env-form': 'x' } }));

    expect(warnings).toEqual([
      'annotation latchkey.dev/env-form on Pod is unknown and has no effect; did you mean latchkey.dev/env-from?',
    ]);
    expect(patch).toEqual([]);
  });

  it('marks a Pod whose annotations come to nothing, as the leftovers policy asks', () => {
    const pod = aPod({ annotations: { 'latchkey.dev/env': '{}' } });

    const { patch, secrets } = plan(pod);

    expect(secrets).toEqual([]);
    expect(patched(pod, patch)).toMatchObject({ metadata: { annotations: { [PLAN]: '{"v":1,"secrets":[]}' } } });
    expect(plan(patched(pod, patch)).patch).toEqual([]);
  });

  it('asks a store that is read as the Pod whether its ServiceAccount will do', () => {
    const noRole = new LatchkeyError('IDENTITY_REJECTED', 'no role', { hint: 'Annotate it' });
    const stores = storesOf(aStore({ needs: needs({ check: () => noRole }) }));

    const { problems } = plan(aPod({ containers: [aContainer({ A: PASSWORD })] }), { stores });

    expect(linesOf({ problems })).toEqual(['container "api", env A: no role. Annotate it. [IDENTITY_REJECTED]']);
  });
});

describe('planPod on a Pod that was planned before', () => {
  it('changes nothing the second time and keeps the same Secret', () => {
    const pod = aPod({
      annotations: { 'latchkey.dev/env.EXTRA': PASSWORD },
      containers: [aContainer({ DB: PASSWORD })],
    });
    const first = plan(pod);

    const second = plan(patched(pod, first.patch));

    expect(second.patch).toEqual([]);
    expect(second.problems).toEqual([]);
    expect(second.secrets).toEqual([expect.objectContaining({ name: first.secrets[0]?.name, recorded: true })]);
  });

  it('plans only the container that came since, without what annotations added', () => {
    const pod = aPod({
      annotations: { 'latchkey.dev/env.EXTRA': PASSWORD },
      containers: [aContainer({ DB: PASSWORD })],
    });
    const first = plan(pod);
    const { spec, ...rest } = patched(pod, first.patch);
    const sidecar = aContainer({ TOKEN: 'secretstore://aws-prod/mesh' }, { name: 'mesh' });
    const between = { ...rest, spec: { ...spec, containers: [...spec.containers, sidecar] } };

    const second = plan(between);

    const after = patched(between, second.patch);
    expect(envOf(after)).toEqual(envOf(between));
    expect(envOf(after, 1)).toEqual([
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: second.secrets[1]?.name, key: 'TOKEN' } } },
    ]);
    expect(second.secrets.map(({ recorded }) => recorded)).toEqual([true, false]);
    expect(plan(after).patch).toEqual([]);
  });

  it('gives the references of a copied Pod back and plans them for the copy', () => {
    const pod = aPod({
      annotations: {
        'latchkey.dev/env.EXTRA': PASSWORD,
        'latchkey.dev/env-from': 'secretstore://aws-prod/all?prefix=P_',
      },
      containers: [aContainer({ DB: PASSWORD })],
    });
    const original = patched(pod, plan(pod).patch);

    const copy = plan(original, { owner: { kind: 'lease' } });

    expect(copy.problems).toEqual([]);
    expect(JSON.stringify(patched(original, copy.patch))).not.toContain(plan(pod).secrets[0]?.name);
    expect(copy.secrets.map(({ keys, map }) => [Object.keys(keys), map?.reference.key])).toEqual([
      [['EXTRA', 'DB'], undefined],
      [[], 'all'],
    ]);
    expect(plan(patched(original, copy.patch), { owner: { kind: 'lease' } }).patch).toEqual([]);
  });

  it('gives the helpers of a copied Pod back', () => {
    const pod = aPod({
      annotations: { 'latchkey.dev/env.URL': 'https://$(HOST)/${secretstore://aws-prod/token}' },
      containers: [aContainer({ HOST: 'db' })],
    });
    const original = patched(pod, plan(pod).patch);

    const copy = plan(original, { owner: { kind: 'lease' } });

    expect(linesOf(copy)).toEqual([]);
    expect(envOf(patched(original, copy.patch))).toEqual([
      { name: 'HOST', value: 'db' },
      { name: 'LATCHKEY_URL_1', valueFrom: { secretKeyRef: { name: copy.secrets[0]?.name, key: 'LATCHKEY_URL_1' } } },
      { name: 'URL', value: 'https://$(HOST)/$(LATCHKEY_URL_1)' },
    ]);
  });

  it('reads no store that is closed to the Pod, also where a hand-written plan names it', () => {
    const closed = aStore({
      kind: 'ClusterSecretStore',
      name: 'vault',
      needs: needs({ who: 'serviceAccount', serviceAccount: { name: 'eso', namespace: 'ops' } }),
    });
    const open = storesOf({ ...closed, podsAllowed: true });
    const pod = aPod({ containers: [aContainer({ A: 'clustersecretstore://vault/root' })] });
    const forged = patched(pod, plan(pod, { stores: open }).patch);

    const { problems } = plan(forged, { stores: storesOf(closed) });

    expect(linesOf({ problems })).toEqual([
      'annotation latchkey.dev/plan on Pod: ClusterSecretStore "vault" is read with an identity of another namespace and is not open to Pods. Its owner can open it with the annotation latchkey.dev/pods: allowed. [STORE_NOT_ALLOWED]',
    ]);
  });
});

describe('planPod for ephemeral containers', () => {
  it('plans their variables and leaves the rest of the Pod alone', () => {
    const pod = aPod({
      name: 'api-0',
      annotations: { 'latchkey.dev/env.EXTRA': PASSWORD, 'latchkey.dev/files': '{}' },
      ephemeralContainers: [aContainer({ TOKEN: PASSWORD }, { name: 'debug' })],
    });
    const owner = { kind: 'object', object: { apiVersion: 'v1', kind: 'Pod', name: 'api-0', uid: 'u' } } as const;

    const { patch, problems } = plan(pod, { ...only('ephemeralContainers', pod), owner });

    expect(problems).toEqual([]);
    expect(patch.map(({ path }) => path)).toEqual([
      '/spec/ephemeralContainers/0/name',
      '/spec/ephemeralContainers/0/env/0/name',
      '/spec/ephemeralContainers/0/env/0',
    ]);
  });

  function only(list: string, pod: Parameters<typeof plan>[0]) {
    const { containers } = viewPod(pod);
    return { mode: 'ephemeral', containers: containers.filter((container) => container.list === list) } as const;
  }
});
