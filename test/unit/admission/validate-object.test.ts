import { describe, expect, it } from 'vitest';
import { createValidateObject } from '../../../src/admission/validate-object.ts';
import { parseConfig } from '../../../src/config.ts';
import { providerKinds } from '../../../src/providers/registry.ts';
import { createLimitsFor } from '../../../src/stores/provider-limits.ts';
import type { Store } from '../../../src/stores/store.ts';
import { storeKey } from '../../../src/stores/store-key.ts';
import { TemplateError } from '../../../src/template/template-error.ts';
import { aStore } from '../../support/a-store.ts';
import { captureLog } from '../../support/captured-log.ts';

const CALL = { signal: new AbortController().signal };
const DATA = { data: [{ secretKey: 'a', remoteRef: { key: 'b' } }] };
const OURS = { controller: 'latchkey' };
const VAULT = { provider: { vault: { server: 'https://vault.example.com', auth: { kubernetes: { role: 'app' } } } } };

interface Settings {
  readonly config?: object;
  readonly stores?: readonly Store[];
  readonly optedIn?: boolean;
  readonly check?: (text: string) => void;
}

/** Of a cluster with a SecretStore `aws-prod` that Latchkey claims, in an opted-in namespace `payments`. */
async function validate(kind: string, spec: object, settings: Settings = {}, request: object = {}) {
  const { stores = [aStore()], optedIn = true, check = () => undefined } = settings;
  const config = parseConfig(JSON.stringify({ stores: { claimUnclassed: true }, ...settings.config }));
  const known = new Map(stores.map((store) => [storeKey(store.kind, store.namespace, store.name), store]));
  const captured = captureLog();
  const validateObject = createValidateObject({
    definitions: {
      config,
      stores: { get: (storeKind, namespace, name) => known.get(storeKey(storeKind, namespace, name)) },
      namespaces: { get: (name) => ({ name, labels: {}, annotations: {} }), isOptedIn: () => optedIn },
      loadChecker: async () => ({ check }),
    },
    stores: { providerKinds, limitsFor: createLimitsFor(config), claim: config.stores },
    log: captured.log,
  });
  const decision = await validateObject(
    {
      uid: 'u-1',
      operation: 'CREATE',
      kind: { group: 'external-secrets.io', version: 'v1', kind },
      namespace: kind.startsWith('Cluster') ? undefined : 'payments',
      object: { metadata: { name: 'db' }, spec },
      ...request,
    },
    CALL,
  );
  const lines = decision.kind === 'denied' ? decision.problems.map(({ line }) => line) : [];
  return { kind: decision.kind, lines, warnings: decision.warnings, captured };
}

function anExternalSecret(spec: object): object {
  return { secretStoreRef: { name: 'aws-prod' }, ...spec };
}

describe('createValidateObject, of an ExternalSecret', () => {
  it('lets a right one pass without a word', async () => {
    expect(await validate('ExternalSecret', anExternalSecret(DATA))).toMatchObject({ kind: 'unchanged', warnings: [] });
  });

  it.each([
    ['no source', {}, 'spec: either data or dataFrom should be specified'],
    [
      'several sources in an entry',
      { dataFrom: [{ extract: { key: 'a' }, find: { name: { regexp: 'b' } } }] },
      'extract, find, or generatorRef cannot be set at the same time',
    ],
    ['an empty entry', { dataFrom: [{}] }, 'either extract, find, or sourceRef must be set to dataFrom'],
    [
      'an empty sourceRef',
      { dataFrom: [{ sourceRef: {} }] },
      'generatorRef or storeRef must be set when using sourceRef in dataFrom',
    ],
    [
      'a deletion of what it does not own',
      { ...DATA, target: { deletionPolicy: 'Delete', creationPolicy: 'Merge' } },
      "deletionPolicy=Delete must not be used when the controller doesn't own the secret. Please set creationPolicy=Owner",
    ],
    [
      'a merge into nothing',
      { ...DATA, target: { deletionPolicy: 'Merge', creationPolicy: 'None' } },
      'deletionPolicy=Merge must not be used with creationPolicy=None. There is no Secret to merge with',
    ],
    ['a key twice', { data: [...DATA.data, ...DATA.data] }, 'duplicate secretKey found: a'],
    [
      'a regular expression',
      { dataFrom: [{ find: { name: { regexp: '(' } } }] },
      'spec.dataFrom[0].find.name.regexp: ',
    ],
    ['a duration', { ...DATA, refreshInterval: 'soon' }, 'spec.refreshInterval: must be a duration such as "1h"'],
  ])("refuses %s in External Secrets' words, with the place", async (_title, spec, text) => {
    const { kind, lines } = await validate('ExternalSecret', anExternalSecret(spec));

    expect(kind).toBe('denied');
    expect(lines).toEqual([expect.stringContaining(text)]);
    expect(lines[0]).toMatch(
      /^ExternalSecret "db": spec.* Correct it and apply it again\. \[EXTERNAL_SECRET_INVALID\]$/,
    );
  });

  it('tells all mistakes in one line', async () => {
    const spec = anExternalSecret({
      refreshInterval: 'soon',
      target: { deletionPolicy: 'Delete', creationPolicy: 'None' },
    });

    const { lines } = await validate('ExternalSecret', spec);

    expect(lines).toHaveLength(1);
    expect(lines[0]?.match(/spec[.:]/g)).toHaveLength(3);
    expect(lines[0]).not.toContain('\n');
  });

  it('refuses templates that cannot be parsed, each with its place', async () => {
    const check = (text: string) => {
      if (text.includes('uper')) throw new TemplateError('line 1, column 4: function "uper" not defined');
    };
    const template = { data: { a: '{{ .x | uper }}', b: '{{ .x }}' } };

    const { lines } = await validate('ExternalSecret', anExternalSecret({ ...DATA, target: { template } }), { check });

    expect(lines).toEqual([
      'ExternalSecret "db": spec.target.template.data.a: line 1, column 4: function "uper" not defined. Correct it and apply it again. [EXTERNAL_SECRET_INVALID]',
    ]);
  });

  it('warns about fields that nobody knows, and guesses what was meant', async () => {
    const { kind, warnings } = await validate('ExternalSecret', anExternalSecret({ ...DATA, refreshIntervall: '1h' }));

    expect(kind).toBe('unchanged');
    expect(warnings).toEqual([
      'spec.refreshIntervall: is unknown, or has no effect here; did you mean refreshInterval?',
    ]);
  });

  it('warns about stores that do not exist yet or are closed to the namespace', async () => {
    const closed = { ...aStore({ kind: 'ClusterSecretStore', name: 'shared' }), allowsNamespace: () => false };
    const sourceRef = { storeRef: { kind: 'ClusterSecretStore', name: 'shared' } };
    const spec = {
      secretStoreRef: { name: 'none' },
      data: [...DATA.data, { secretKey: 'c', remoteRef: { key: 'd' }, sourceRef }],
    };

    const { kind, warnings } = await validate('ExternalSecret', spec, { stores: [closed] });

    expect(kind).toBe('unchanged');
    expect(warnings).toEqual([
      'SecretStore "none" does not exist in namespace payments; nothing is synced until it does',
      'ClusterSecretStore "shared" is not open to namespace payments (spec.conditions)',
    ]);
  });

  it.each([
    [
      { optedIn: false },
      ['namespace payments has not opted in, so nothing is synced: label it latchkey.dev/inject=enabled'],
    ],
    [{ optedIn: false, config: { stores: { claimUnclassed: true }, externalSecrets: { namespaces: 'all' } } }, []],
    [
      { config: { stores: { claimUnclassed: true }, externalSecrets: { enabled: false } } },
      ['Latchkey syncs no ExternalSecrets here: externalSecrets.enabled is false'],
    ],
  ])('warns where nothing is synced: %j', async (settings, warnings) => {
    expect((await validate('ExternalSecret', anExternalSecret(DATA), settings)).warnings).toEqual(warnings);
  });

  it.each([
    ['of another class', [{ ...aStore(), controller: 'other' }], true],
    ['without a class, where those are not ours', [aStore()], false],
  ])('has nothing to say about one whose store is %s', async (_title, stores, claimUnclassed) => {
    const decision = await validate('ExternalSecret', anExternalSecret({ odd: 1 }), {
      stores,
      config: { stores: { claimUnclassed } },
    });

    expect(decision).toMatchObject({ kind: 'unchanged', warnings: [] });
  });

  it('only warns about mistakes where nobody can tell yet whose it is', async () => {
    const { kind, warnings } = await validate('ExternalSecret', anExternalSecret({}), {
      stores: [],
      config: { stores: { claimUnclassed: false } },
    });

    expect(kind).toBe('unchanged');
    expect(warnings).toContain('spec: either data or dataFrom should be specified');
  });

  it('does not keep anybody from updating anything but the spec', async () => {
    const object = { metadata: { name: 'db', labels: { new: 'label' } }, spec: anExternalSecret({}) };

    const decision = await validate(
      'ExternalSecret',
      {},
      {},
      { operation: 'UPDATE', object, oldObject: { ...object, metadata: {} } },
    );

    expect(decision).toMatchObject({ kind: 'unchanged', warnings: [] });
  });

  it('lets pass what a fault of ours keeps it from checking', async () => {
    const check = () => {
      throw new TypeError('hunter2');
    };
    const spec = anExternalSecret({ ...DATA, target: { template: { data: { a: 'x' } } } });

    const { kind, warnings, captured } = await validate('ExternalSecret', spec, { check });

    expect(kind).toBe('unchanged');
    expect(warnings).toEqual(['Latchkey could not check this object (request u-1)']);
    expect(captured.text()).toContain('an object could not be checked');
    expect(captured.text()).not.toContain('hunter2');
  });
});

describe('createValidateObject, of a ClusterExternalSecret', () => {
  it('checks its own fields and the spec that it stamps out', async () => {
    const { lines } = await validate('ClusterExternalSecret', {
      externalSecretSpec: { data: [], refreshInterval: 'soon' },
      refreshTime: 'never',
      namespaceSelectors: [{ matchExpressions: [{ key: 'team', operator: 'Is', values: ['a'] }] }],
    });

    expect(lines).toEqual([
      'ClusterExternalSecret "db": spec.refreshTime: must be a duration such as "1h"; ' +
        'spec.namespaceSelectors[0].matchExpressions[0].operator: must be one of In, NotIn, Exists, DoesNotExist; ' +
        'spec.externalSecretSpec: either data or dataFrom should be specified; ' +
        'spec.externalSecretSpec.refreshInterval: must be a duration such as "1h". ' +
        'Correct it and apply it again. [EXTERNAL_SECRET_INVALID]',
    ]);
  });

  it('has nothing to say about one whose ClusterSecretStore is of another class', async () => {
    const foreign = { ...aStore({ kind: 'ClusterSecretStore', name: 'shared' }), controller: 'other' };
    const secretStoreRef = { kind: 'ClusterSecretStore', name: 'shared' };

    const decision = await validate(
      'ClusterExternalSecret',
      { externalSecretSpec: { secretStoreRef } },
      { stores: [foreign] },
    );

    expect(decision).toMatchObject({ kind: 'unchanged', warnings: [] });
  });
});

describe('createValidateObject, of a store', () => {
  it.each(['SecretStore', 'ClusterSecretStore'])('lets a right %s pass without a word', async (kind) => {
    expect(await validate(kind, VAULT)).toMatchObject({ kind: 'unchanged', warnings: [] });
  });

  it('refuses all mistakes of the provider block, of conditions and of times', async () => {
    const spec = {
      ...OURS,
      provider: { vault: { server: 'not a url', auth: { kubernetes: {} } } },
      conditions: [{ namespaceRegexes: ['('] }],
      refreshInterval: '300',
    };

    const { kind, lines } = await validate('ClusterSecretStore', spec);

    expect(kind).toBe('denied');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^ClusterSecretStore "db": .*\[STORE_INVALID\]$/);
    for (const place of [
      'spec.provider.vault.server: ',
      'spec.conditions[0].namespaceRegexes[0]: ',
      'spec.refreshInterval: ',
    ]) {
      expect(lines[0]).toContain(place);
    }
  });

  it.each([300, 0, '5m', '0s', null])('takes %j for a refreshInterval', async (refreshInterval) => {
    expect(await validate('SecretStore', { ...VAULT, refreshInterval })).toMatchObject({ kind: 'unchanged' });
  });

  it.each(['300', -1, '-5m', 1.5, 'soon', {}])('takes %j for none', async (refreshInterval) => {
    expect(await validate('SecretStore', { ...VAULT, refreshInterval })).toMatchObject({ kind: 'denied' });
  });

  it('warns about fields that nothing reads, and guesses what was meant', async () => {
    const vault = { ...VAULT.provider.vault, namspace: 'team-a' };

    const { kind, warnings } = await validate('SecretStore', { provider: { vault }, retrySettings: { maxRetries: 3 } });

    expect(kind).toBe('unchanged');
    expect(warnings).toEqual([
      'spec.retrySettings: is unknown, or has no effect here',
      'spec.provider.vault.namspace: is unknown, or has no effect here; did you mean namespace?',
    ]);
  });

  it.each([
    ['another class', { controller: 'other', provider: {} }],
    ['no class, where those are not ours', { provider: {} }],
  ])('has nothing to say about one of %s', async (_title, spec) => {
    const decision = await validate('SecretStore', spec, { config: { stores: { claimUnclassed: false } } });

    expect(decision).toMatchObject({ kind: 'unchanged', warnings: [] });
  });

  it("only warns about another controller's provider unless the store says that it is ours", async () => {
    const spec = { provider: { infisical: { projectSlug: 'x' } } };

    const unclassed = await validate('SecretStore', spec);
    const ours = await validate('SecretStore', { ...spec, ...OURS });

    expect(unclassed).toMatchObject({
      kind: 'unchanged',
      warnings: [expect.stringContaining('is none of the providers')],
    });
    expect(ours.kind).toBe('denied');
  });
});
