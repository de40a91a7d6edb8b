import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { readPublished } from './replica-client.ts';
import { restartLatchkey } from './restart.ts';
import { getStage, type Stage } from './stage.ts';
import { createTeam, type Team } from './team.ts';

const CONFIGURATION = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/latchkey';

let stage: Stage;
let team: Team;

beforeAll(async () => {
  stage = await getStage();
  team = await createTeam(stage, 'validated');
});

afterAll(async () => {
  await stage.plane.kubectl(['delete', 'clustersecretstores,clusterexternalsecrets', '--selector=test=validated']);
});

interface Applied {
  readonly ok: boolean;
  /** What its author reads. */
  readonly text: string;
}

/** `kubectl apply`, as a person runs it. */
async function apply(object: KubernetesObject, args: readonly string[] = []): Promise<Applied> {
  const input = JSON.stringify(object);
  const { code, stderr } = await stage.plane.kubectl(['apply', ...args, '-f', '-'], { input, allowFailure: true });
  return { ok: code === 0, text: stderr };
}

function anExternalSecret(name: string, spec: object, apiVersion = 'external-secrets.io/v1'): KubernetesObject {
  return {
    apiVersion,
    kind: 'ExternalSecret',
    metadata: { name, namespace: team.namespace },
    spec: { secretStoreRef: { name: 'vault' }, data: [{ secretKey: 'a', remoteRef: { key: 'b' } }], ...spec },
  };
}

function aStore(name: string, spec: object): KubernetesObject {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name, namespace: team.namespace },
    spec,
  };
}

function inCluster(kind: string, name: string, spec: object): KubernetesObject {
  return { apiVersion: 'external-secrets.io/v1', kind, metadata: { name, labels: { test: 'validated' } }, spec };
}

async function exists(plural: string, name: string): Promise<boolean> {
  const path = `/apis/external-secrets.io/v1/namespaces/${team.namespace}/${plural}/${name}`;
  return (await stage.plane.request('GET', path)).status === 200;
}

describe('the ValidatingWebhookConfiguration', () => {
  it('has the bundle and the token of the mutating one, and does not close what it cannot reach', async () => {
    const published = await waitUntil('the published configuration', () => readPublished(stage.plane));

    const { body } = await stage.plane.request<{ webhooks: readonly object[] }>('GET', CONFIGURATION);

    expect(body.webhooks).toHaveLength(2);
    for (const webhook of body.webhooks) {
      expect(webhook).toMatchObject({
        failurePolicy: 'Ignore',
        sideEffects: 'None',
        clientConfig: {
          caBundle: Buffer.from(published.caPem).toString('base64'),
          service: { path: published.path.replace('/mutate/', '/validate/') },
        },
      });
    }
  });
});

describe('kubectl apply of an ExternalSecret', () => {
  it.each([
    ['no source', { data: [] }, 'spec: either data or dataFrom should be specified'],
    [
      'a policy against another',
      { target: { deletionPolicy: 'Delete', creationPolicy: 'Merge' } },
      "deletionPolicy=Delete must not be used when the controller doesn't own the secret. Please set creationPolicy=Owner",
    ],
    [
      'an entry of two kinds',
      { dataFrom: [{ extract: { key: 'a' }, find: {} }] },
      'extract, find, or generatorRef cannot be set at the same time',
    ],
    [
      'a broken regular expression',
      { dataFrom: [{ find: { name: { regexp: '(' } } }] },
      'spec.dataFrom[0].find.name.regexp: ',
    ],
    ['no duration', { refreshInterval: 'soon' }, 'spec.refreshInterval: must be a duration such as "1h"'],
  ])('with %s is refused with its place, and not stored', async (_title, spec, text) => {
    const answer = await apply(anExternalSecret('refused', spec));

    expect(answer.ok).toBe(false);
    expect(answer.text).toContain(
      'admission webhook "externalsecrets.latchkey.dev" denied the request: ExternalSecret "refused": ',
    );
    expect(answer.text).toContain(text);
    expect(answer.text).toContain('[EXTERNAL_SECRET_INVALID]');
    expect(await exists('externalsecrets', 'refused')).toBe(false);
  });

  it('with several mistakes reads all of them in one line', async () => {
    const template = { type: 'bootstrap.kubernetes.io/token' };
    const target = { deletionPolicy: 'Merge', creationPolicy: 'None', template };

    const { text } = await apply(anExternalSecret('several', { refreshInterval: 'soon', target }));

    expect(text.trim().split('\n')).toHaveLength(1);
    for (const place of ['spec.refreshInterval: ', 'deletionPolicy=Merge must not', 'spec.target.template.type: ']) {
      expect(text).toContain(place);
    }
  });

  it('is refused in v1beta1 as in v1', async () => {
    const answer = await apply(anExternalSecret('older', { data: [] }, 'external-secrets.io/v1beta1'));

    expect(answer.ok).toBe(false);
    expect(answer.text).toContain('either data or dataFrom should be specified');
  });

  it('before its store is allowed with a warning', async () => {
    const answer = await apply(anExternalSecret('early', { secretStoreRef: { name: 'later' } }));

    expect(answer.ok).toBe(true);
    expect(answer.text).toContain(`Warning: SecretStore "later" does not exist in namespace ${team.namespace}`);
    expect(await exists('externalsecrets', 'early')).toBe(true);
  });

  it('is checked in a dry run as well, and nothing is stored', async () => {
    const right = await apply(anExternalSecret('tried', {}), ['--dry-run=server']);
    const wrong = await apply(anExternalSecret('tried', { data: [] }), ['--dry-run=server']);

    expect([right.ok, wrong.ok]).toEqual([true, false]);
    expect(await exists('externalsecrets', 'tried')).toBe(false);
  });

  it("is not checked where its store is another controller's", async () => {
    await apply(aStore('theirs', { controller: 'other', provider: { fake: { data: [] } } }));
    const object = anExternalSecret('foreign', { secretStoreRef: { name: 'theirs' }, data: [] });

    const answer = await waitUntil('the store is known', async () => {
      const tried = await apply(object);
      return tried.ok && tried;
    });

    expect(answer.text).not.toContain('Warning');
  });

  it('may change and go though it was stored with mistakes', async () => {
    const object = anExternalSecret('old', { secretStoreRef: { name: 'theirs' }, data: [] });
    await apply(object);
    await apply(aStore('theirs', { provider: { fake: { data: [] } } }));
    let minutes = 0;
    const change = () => {
      minutes += 1;
      const spec = { secretStoreRef: { name: 'theirs' }, data: [], refreshInterval: `${minutes}m` };
      return apply({ ...object, spec });
    };
    await waitUntil('the store is ours for every replica', async () => {
      const answers = [await change(), await change(), await change(), await change()];
      return answers.every(({ ok }) => !ok);
    });

    const place = ['--namespace', team.namespace];
    const relabelled = await stage.plane.kubectl(['label', 'externalsecret', 'old', 'a=b', ...place]);
    const deleted = await stage.plane.kubectl(['delete', 'externalsecret', 'old', ...place]);

    expect(relabelled.stdout).toContain('labeled');
    expect(deleted.stdout).toContain('deleted');
  });
});

describe('kubectl apply of a store', () => {
  it('with mistakes is refused with all of them', async () => {
    const vault = { server: 'vault.example.com', auth: { kubernetes: {} } };

    const answer = await apply(aStore('broken', { provider: { vault }, refreshInterval: '300' }));

    expect(answer.ok).toBe(false);
    expect(answer.text).toContain(
      'admission webhook "secretstores.latchkey.dev" denied the request: SecretStore "broken": ',
    );
    for (const place of [
      'spec.provider.vault.server: ',
      'spec.provider.vault.auth.kubernetes',
      'spec.refreshInterval: ',
    ]) {
      expect(answer.text).toContain(place);
    }
    expect(await exists('secretstores', 'broken')).toBe(false);
  });

  it('with a misspelt field is allowed with a warning', async () => {
    const vault = { server: 'https://vault.example.com', namspace: 'a', auth: { kubernetes: { role: 'app' } } };

    const answer = await apply(aStore('misspelt', { provider: { vault } }));

    expect(answer.ok).toBe(true);
    expect(answer.text).toContain('Warning: spec.provider.vault.namspace: ');
    expect(answer.text).toContain('did you mean namespace?');
  });

  it("of another controller's provider is allowed", async () => {
    const answer = await apply(aStore('infisical', { provider: { infisical: { projectSlug: 'x' } } }));

    expect(answer.ok).toBe(true);
  });

  it('refuses conditions that Go would not compile', async () => {
    const conditions = [{ namespaceRegexes: ['team-('] }];

    const answer = await apply(
      inCluster('ClusterSecretStore', 'conditions', { provider: { fake: { data: [] } }, conditions }),
    );

    expect(answer.ok).toBe(false);
    expect(answer.text).toContain('spec.conditions[0].namespaceRegexes[0]: ');
  });
});

describe('kubectl apply of a ClusterExternalSecret', () => {
  it('with mistakes of its own and of its spec is refused with all of them', async () => {
    const answer = await apply(
      inCluster('ClusterExternalSecret', 'everywhere', {
        refreshTime: 'never',
        namespaceSelectors: [{ matchExpressions: [{ key: 'team', operator: 'Is' }] }],
        externalSecretSpec: { secretStoreRef: { kind: 'ClusterSecretStore', name: 'none' }, refreshInterval: 'soon' },
      }),
    );

    expect(answer.ok).toBe(false);
    for (const place of [
      'spec.refreshTime: ',
      'spec.namespaceSelectors[0].matchExpressions[0].operator: ',
      'spec.externalSecretSpec: either data or dataFrom should be specified',
      'spec.externalSecretSpec.refreshInterval: ',
    ]) {
      expect(answer.text).toContain(place);
    }
  });
});

describe('while no replica of the webhook runs', () => {
  afterAll(async () => {
    await restartLatchkey(stage);
  });

  it('definitions can be applied, so that a cluster can be installed in any order', async () => {
    await Promise.all([stage.processes.webhook(0), stage.processes.webhook(1)].map((one) => one.stop()));
    await waitUntil('no replica is listed', async () => stage.endpoints.listed().length === 0, { timeoutMs: 60_000 });

    const answer = await apply(anExternalSecret('unchecked', { data: [] }));

    expect(answer.ok).toBe(true);
    expect(await exists('externalsecrets', 'unchecked')).toBe(true);
  });
});
