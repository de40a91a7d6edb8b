import { describe, expect, it } from 'vitest';
import { type AdmitPodOptions, createAdmitPod } from '../../../src/admission/admit-pod.ts';
import type { AdmissionRequest } from '../../../src/admission/admission-request.ts';
import type { FillResult } from '../../../src/delivery/fill.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import type { Owner } from '../../../src/planning/plan.ts';
import type { NamespaceFacts } from '../../../src/stores/store.ts';
import { aContainer, aPod } from '../../support/a-pod.ts';
import { aServiceAccount } from '../../support/a-store.ts';
import { aNamespace, definitionsOf, PLAN_SETTINGS, storesOf } from '../../support/plan-scene.ts';

const CALL = { signal: new AbortController().signal };
const DONE = { problems: [], warnings: [] };
const LEASE: Owner = { kind: 'lease' };
const REFERRING = aPod({ containers: [aContainer({ DB: 'secretstore://aws-prod/db' })] });
const OF_THE_POD: Owner = { kind: 'object', object: { apiVersion: 'v1', kind: 'Pod', name: 'api-0', uid: 'u' } };

function aRequest(settings: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    uid: 'u-1',
    namespace: 'payments',
    operation: 'CREATE',
    subResource: '',
    dryRun: false,
    object: REFERRING,
    oldObject: undefined,
    ...settings,
  };
}

interface SceneSettings {
  readonly known?: NamespaceFacts;
  readonly found?: NamespaceFacts;
  readonly result?: FillResult;
  readonly options?: Partial<AdmitPodOptions>;
}

/** An opted-in namespace with ServiceAccount and store, and a filler that fills nothing. */
function scene({ known, found, result = { problems: [], warnings: [] }, options }: SceneSettings = {}) {
  const fills: { readonly names: readonly string[]; readonly write: boolean }[] = [];
  const admitPod = createAdmitPod({
    namespaces: {
      get: () => known ?? (found === undefined ? aNamespace() : undefined),
      find: async () => found,
      isOptedIn: ({ labels }) => labels['latchkey.dev/inject'] === 'enabled',
    },
    serviceAccounts: { get: () => aServiceAccount(), find: async () => aServiceAccount() },
    owners: { cached: () => ({ owner: LEASE, sources: [] }), find: () => Promise.reject(new Error('not asked')) },
    verifyPod: async () => OF_THE_POD,
    stores: storesOf(),
    definitions: definitionsOf(),
    syncs: { look: () => DONE, wait: async () => DONE },
    settings: PLAN_SETTINGS,
    filler: {
      async fill(secrets, _asker, write) {
        fills.push({ names: secrets.map(({ name }) => name), write });
        return result;
      },
    },
    ...options,
  });
  return { admitPod, fills };
}

describe('admitting a Pod', () => {
  it('fills its Secret and patches it', async () => {
    const { admitPod, fills } = scene();

    const decision = await admitPod(aRequest(), CALL);

    expect(decision).toMatchObject({ kind: 'patched', warnings: [] });
    expect(fills).toEqual([{ names: [expect.stringMatching(/^lk-/)], write: true }]);
  });

  it('fills nothing in a dry run, and gives the same patch', async () => {
    const { admitPod, fills } = scene();

    const dry = await admitPod(aRequest({ dryRun: true }), CALL);

    expect(fills).toEqual([]);
    expect(dry).toEqual(await admitPod(aRequest(), CALL));
  });

  it('leaves a Pod without references as it is', async () => {
    const { admitPod, fills } = scene();

    const decision = await admitPod(aRequest({ object: aPod() }), CALL);

    expect(decision).toEqual({ kind: 'unchanged', warnings: [] });
    expect(fills).toEqual([]);
  });

  it('reads without writing where the plan is refused already, to name all that is wrong', async () => {
    const problem = new LatchkeyError('SECRET_NOT_FOUND', 'it does not exist');
    const { admitPod, fills } = scene({ result: { problems: [problem], warnings: ['w'] } });
    const object = aPod({ containers: [aContainer({ A: 'secretstore://', DB: 'secretstore://aws-prod/db' })] });

    const decision = await admitPod(aRequest({ object }), CALL);

    expect(fills).toMatchObject([{ write: false }]);
    expect(decision).toMatchObject({
      kind: 'denied',
      problems: [{ code: 'REF_INVALID' }, { code: 'SECRET_NOT_FOUND' }],
      warnings: ['w'],
    });
  });

  it.each([
    ['has no label', aNamespace({ labels: {} })],
    ['says something else', aNamespace({ labels: { 'latchkey.dev/inject': 'true' } })],
    ['does not exist', undefined],
  ])('is refused where its namespace %s', async (_title, found) => {
    const { admitPod, fills } = scene({ known: aNamespace({ labels: {} }), ...(found && { found }) });

    await expect(admitPod(aRequest(), CALL)).rejects.toMatchObject({ code: 'NAMESPACE_NOT_OPTED_IN' });
    expect(fills).toEqual([]);
  });

  it('asks once more for a namespace that is not known as opted in', async () => {
    const { admitPod } = scene({ known: aNamespace({ labels: {} }), found: aNamespace() });

    expect(await admitPod(aRequest(), CALL)).toMatchObject({ kind: 'patched' });
  });

  it('asks once more for a ServiceAccount that is not known', async () => {
    const serviceAccounts = { get: () => undefined, find: async () => aServiceAccount() };
    const { admitPod } = scene({ options: { serviceAccounts } });

    expect(await admitPod(aRequest(), CALL)).toMatchObject({ kind: 'patched' });
  });

  it('is refused where its ServiceAccount does not exist', async () => {
    const serviceAccounts = { get: () => undefined, find: async () => undefined };
    const { admitPod, fills } = scene({ options: { serviceAccounts } });

    await expect(admitPod(aRequest(), CALL)).rejects.toMatchObject({
      code: 'SERVICE_ACCOUNT_NOT_FOUND',
      message: 'ServiceAccount "payments/api" does not exist',
    });
    expect(fills).toEqual([]);
  });

  it('is refused where its owner is, before anything is read', async () => {
    const refused = new LatchkeyError('OWNER_INVALID', 'no');
    const owners = { cached: () => undefined, find: () => Promise.reject(refused) };
    const { admitPod, fills } = scene({ options: { owners } });

    await expect(admitPod(aRequest(), CALL)).rejects.toBe(refused);
    expect(fills).toEqual([]);
  });

  it('looks in the namespace of the review, whatever the Pod says of its own', async () => {
    const asked: string[] = [];
    const serviceAccounts = {
      get(namespace: string) {
        asked.push(namespace);
        return aServiceAccount();
      },
      find: async () => undefined,
    };
    const { admitPod } = scene({ options: { serviceAccounts } });
    const object = { ...REFERRING, metadata: { ...REFERRING.metadata, namespace: 'kube-system' } };

    await admitPod(aRequest({ object }), CALL);

    expect(asked).toEqual(['payments']);
  });
});

describe('admitting ephemeral containers', () => {
  const debug = aContainer({ TOKEN: 'secretstore://aws-prod/token' }, { name: 'debug' });
  const object = aPod({ name: 'api-0', uid: 'u', ephemeralContainers: [debug] });
  const update = { operation: 'UPDATE', subResource: 'ephemeralcontainers', object } as const;

  it('changes nothing but their variables', async () => {
    const { admitPod, fills } = scene();

    const decision = await admitPod(aRequest({ ...update, oldObject: aPod({ name: 'api-0', uid: 'u' }) }), CALL);

    expect(fills).toHaveLength(1);
    expect(decision.kind === 'patched' && decision.patch.map(({ path }) => path)).toEqual([
      '/spec/ephemeralContainers/0/name',
      '/spec/ephemeralContainers/0/env/0/name',
      '/spec/ephemeralContainers/0/env/0',
    ]);
  });

  it('leaves those alone that are there already', async () => {
    const { admitPod } = scene();

    expect(await admitPod(aRequest({ ...update, oldObject: object }), CALL)).toMatchObject({ kind: 'unchanged' });
  });
});
