import { describe, expect, it } from 'vitest';
import { type AdmitPodOptions, createAdmitPod } from '../../../src/admission/admit-pod.ts';
import type { AdmissionRequest } from '../../../src/admission/admission-request.ts';
import type { Waited } from '../../../src/admission/sync-waits.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import { aContainer, aPod } from '../../support/a-pod.ts';
import { aServiceAccount, aStore, needs } from '../../support/a-store.ts';
import { aDefinition, aNamespace, definitionsOf, PLAN_SETTINGS, storesOf } from '../../support/plan-scene.ts';

const CALL = { signal: new AbortController().signal };
const DONE: Waited = { problems: [], warnings: [] };
const REFUSED: Waited = { problems: [new LatchkeyError('EXTERNAL_SECRET_NOT_READY', 'not yet')], warnings: ['w'] };
const WAITING = aContainer(undefined, { envFrom: [{ secretRef: { name: 'db' } }] });
const REFERRING = aContainer({ A: 'secretstore://aws-prod/a' }, { name: 'b' });
const BROKEN = aContainer({ A: 'secretstore://' }, { name: 'c' });

interface SceneSettings {
  readonly waited?: Waited;
  readonly dryRun?: boolean;
}

/** A Pod in a cluster where ExternalSecret `db` is synced through a store with credentials; tells what was done, in order. */
async function admit(containers: readonly ReturnType<typeof aContainer>[], settings: SceneSettings = {}) {
  const { waited = DONE, dryRun = false } = settings;
  const done: string[] = [];
  const options: AdmitPodOptions = {
    namespaces: { get: () => aNamespace(), find: async () => aNamespace(), isOptedIn: () => true },
    serviceAccounts: { get: () => aServiceAccount(), find: async () => aServiceAccount() },
    owners: {
      cached: () => ({ owner: { kind: 'lease' }, sources: [] }),
      find: () => Promise.reject(new Error('not asked')),
    },
    verifyPod: () => Promise.reject(new Error('not asked')),
    stores: storesOf(aStore(), aStore({ name: 'shared', needs: needs({ who: 'credentials' }) })),
    definitions: definitionsOf(aDefinition({ stores: [{ kind: 'SecretStore', name: 'shared' }] })),
    syncs: {
      look(namespace, awaits) {
        done.push(`look ${namespace}/${awaits.map(({ externalSecret }) => externalSecret).join()}`);
        return waited;
      },
      async wait(namespace, awaits) {
        done.push(`wait ${namespace}/${awaits.map(({ externalSecret }) => externalSecret).join()}`);
        return waited;
      },
    },
    settings: PLAN_SETTINGS,
    filler: {
      async fill(secrets, _asker, write) {
        done.push(`fill ${secrets.length} ${write ? 'and write' : 'only to look'}`);
        return { problems: [], warnings: [] };
      },
    },
  };
  const request: AdmissionRequest = {
    uid: 'u-1',
    namespace: 'payments',
    operation: 'CREATE',
    subResource: '',
    dryRun,
    object: aPod({ containers }),
    oldObject: undefined,
  };
  const decision = await createAdmitPod(options)(request, CALL);
  return { done, decision };
}

describe('admitting a Pod that uses the Secret of an ExternalSecret', () => {
  it('waits for the sync, and leaves the Pod as it is', async () => {
    const { done, decision } = await admit([WAITING]);

    expect(done).toEqual(['wait payments/db']);
    expect(decision).toEqual({ kind: 'unchanged', warnings: [] });
  });

  it('writes nothing for the Pod before it is over', async () => {
    const { done, decision } = await admit([WAITING, REFERRING]);

    expect(done).toEqual(['wait payments/db', 'fill 1 and write']);
    expect(decision.kind).toBe('patched');
  });

  it('writes nothing where it was in vain, and names what else is wrong', async () => {
    const { done, decision } = await admit([WAITING, REFERRING], { waited: REFUSED });

    expect(done).toEqual(['wait payments/db', 'fill 1 only to look']);
    expect(decision).toMatchObject({ kind: 'denied', problems: REFUSED.problems, warnings: ['w'] });
  });

  it.each([
    ['in a dry run', [WAITING, REFERRING], { dryRun: true }, ['look payments/db'], 'patched'],
    ['for a Pod that is refused anyway', [WAITING, BROKEN], {}, ['look payments/db'], 'denied'],
    ['for a Pod that uses none', [REFERRING], {}, ['fill 1 and write'], 'patched'],
  ])('does not wait %s', async (_title, containers, settings, expected, kind) => {
    const { done, decision } = await admit(containers, settings);

    expect([done, decision.kind]).toEqual([expected, kind]);
  });
});
