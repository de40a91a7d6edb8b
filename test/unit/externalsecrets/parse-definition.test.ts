import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { parseDefinition, parseDefinitionSpec } from '../../../src/externalsecrets/parse-definition.ts';

const ONE = 'data: [{secretKey: a, remoteRef: {key: db}}]\n';

function read(spec: string) {
  return parseDefinitionSpec(parse(`secretStoreRef: {name: main}\n${spec}`), { name: 'db' });
}

function lineOf(manifest: unknown): string {
  try {
    return `no error, but ${parseDefinition(manifest).name}`;
  } catch (thrown) {
    return LatchkeyError.from(thrown).line;
  }
}

describe('reading an ExternalSecret', () => {
  it.each(['external-secrets.io/v1', 'external-secrets.io/v1beta1'])('reads %s', (apiVersion) => {
    const definition = parseDefinition({
      apiVersion,
      kind: 'ExternalSecret',
      metadata: {
        name: 'db',
        namespace: 'payments',
        uid: 'u',
        generation: 4,
        labels: { team: 'a', odd: 1 },
        annotations: { note: 'x' },
      },
      spec: { secretStoreRef: { name: 'main' }, ...(parse(ONE) as object) },
      status: {
        refreshTime: '2026-01-02T03:04:05Z',
        syncedResourceVersion: '4-abc',
        binding: { name: 'db' },
        conditions: [
          { type: 'Deleted', status: 'True' },
          { type: 'Ready', status: 'True', reason: 'SecretSynced', message: 'secret synced', lastTransitionTime: 't' },
        ],
      },
    });

    expect(definition).toMatchObject({
      apiVersion,
      namespace: 'payments',
      name: 'db',
      uid: 'u',
      generation: 4,
      labels: { team: 'a' },
      annotations: { note: 'x' },
      heldBy: undefined,
      problems: [],
      warnings: [],
      status: {
        refreshTime: new Date('2026-01-02T03:04:05Z'),
        syncedResourceVersion: '4-abc',
        ready: { status: 'True', reason: 'SecretSynced', message: 'secret synced', since: 't' },
        binding: 'db',
      },
    });
  });

  it('reads a file, which has neither uid nor namespace nor status', () => {
    const definition = parseDefinition({
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: { name: 'db' },
      spec: {},
    });

    expect(definition).toMatchObject({ namespace: 'default', uid: 'ExternalSecret/default/db', generation: 0 });
    expect(definition.status).toEqual({
      syncedResourceVersion: '',
      refreshTime: undefined,
      ready: undefined,
      binding: undefined,
    });
  });

  it('knows what a deleted one waits for', () => {
    const metadata = { name: 'db', deletionTimestamp: '2026-01-02T03:04:05Z', finalizers: ['example.com/hold'] };

    const definition = parseDefinition({ apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata });

    expect(definition.heldBy).toEqual(['example.com/hold']);
  });

  it.each([
    [
      { apiVersion: 'external-secrets.io/v1alpha1', kind: 'ExternalSecret', metadata: { name: 'db' } },
      'ExternalSecret "db" has an apiVersion that Latchkey does not read. Write external-secrets.io/v1, and put what stands under dataFrom[] under dataFrom[].extract. [MANIFEST_INVALID]',
    ],
    [
      { apiVersion: 'v1', kind: 'ExternalSecret', metadata: { name: 'db' } },
      'ExternalSecret "db" has an apiVersion that Latchkey does not read. Write external-secrets.io/v1 or external-secrets.io/v1beta1. [MANIFEST_INVALID]',
    ],
    [
      { apiVersion: 'external-secrets.io/v1', kind: 'Secret', metadata: { name: 'db' } },
      'the manifest is no ExternalSecret with a name. Correct kind and metadata. [MANIFEST_INVALID]',
    ],
    [null, 'the manifest is no ExternalSecret with a name. Correct kind and metadata. [MANIFEST_INVALID]'],
  ])('refuses %j', (manifest, expected) => {
    expect(lineOf(manifest)).toBe(expected);
  });
});

describe('reading a spec', () => {
  it('fills in what is left out', () => {
    const { spec, problems, warnings } = read(ONE);

    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(spec).toEqual({
      refreshPolicy: 'Periodic',
      refreshIntervalMs: 3_600_000,
      syncWindows: undefined,
      target: {
        name: 'db',
        creationPolicy: 'Owner',
        deletionPolicy: 'Retain',
        immutable: false,
        template: undefined,
      },
      data: [
        {
          secretKey: 'a',
          store: { kind: 'SecretStore', name: 'main' },
          remoteRef: {
            key: 'db',
            property: undefined,
            version: undefined,
            metadata: false,
            decode: 'none',
            conversion: 'Default',
            refusesNullBytes: false,
          },
        },
      ],
      dataFrom: [],
    });
  });

  it('reads everything else', () => {
    const { spec, problems, warnings } = read(`
refreshPolicy: OnChange
refreshInterval: 1h30m
syncWindows: {kind: deny, windows: [{schedule: "0 22 * * *", duration: 8h}]}
target:
  name: app
  creationPolicy: Orphan
  deletionPolicy: Delete
  immutable: true
  template:
    type: kubernetes.io/tls
    engineVersion: v2
    mergePolicy: Merge
    metadata: {labels: {a: b}, annotations: {c: d}, finalizers: [e/f]}
    data: {tls.crt: "{{ .crt }}"}
    templateFrom:
    - {configMap: {name: cm, items: [{key: k, templateAs: KeysAndValues}]}, target: labels}
    - {secret: {name: s, items: [{key: k}]}, valuesDecodingStrategy: Base64}
    - {literal: "x: y"}
data:
- secretKey: a
  remoteRef: {key: k, property: p, version: v, metadataPolicy: Fetch, decodingStrategy: Auto, nullBytePolicy: Fail}
  sourceRef: {storeRef: {kind: ClusterSecretStore, name: shared}}
dataFrom:
- extract: {key: k, conversionStrategy: Unicode, decodingStrategy: Base64URL}
- find: {path: /team, name: {regexp: ^a}, tags: {t: "1"}}
  rewrite:
  - regexp: {source: a, target: ""}
  - transform: {template: "{{ .value }}"}
  - merge: {strategy: JSON, into: all, conflictPolicy: Ignore, priority: [x], priorityPolicy: IgnoreNotFound}
- sourceRef: {generatorRef: {apiVersion: generators.external-secrets.io/v1alpha1, kind: Password, name: pw}}
`);

    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(spec).toMatchObject({
      refreshPolicy: 'OnChange',
      refreshIntervalMs: 5_400_000,
      syncWindows: { kind: 'deny', windows: [{ schedule: '0 22 * * *', durationMs: 28_800_000 }] },
      target: {
        name: 'app',
        creationPolicy: 'Orphan',
        deletionPolicy: 'Delete',
        immutable: true,
        template: {
          type: 'kubernetes.io/tls',
          labels: { a: 'b' },
          annotations: { c: 'd' },
          finalizers: ['e/f'],
          mergePolicy: 'Merge',
          data: { 'tls.crt': '{{ .crt }}' },
          from: [
            { configMap: { name: 'cm', items: [{ key: 'k', as: 'KeysAndValues' }] }, target: 'Labels' },
            { secret: { name: 's', items: [{ key: 'k', as: 'Values' }] }, target: 'Data', decodeValues: 'base64' },
            { literal: 'x: y', decodeValues: 'none' },
          ],
        },
      },
      data: [
        {
          store: { kind: 'ClusterSecretStore', name: 'shared' },
          remoteRef: { property: 'p', version: 'v', metadata: true, decode: 'auto', refusesNullBytes: true },
        },
      ],
      dataFrom: [
        { kind: 'extract', remoteRef: { key: 'k', conversion: 'Unicode', decode: 'base64url' }, rewrite: [] },
        {
          kind: 'find',
          find: { path: '/team', regexp: '^a', tags: { t: '1' } },
          rewrite: [
            { kind: 'regexp', source: 'a', target: '' },
            { kind: 'transform', template: '{{ .value }}' },
            {
              kind: 'merge',
              strategy: 'JSON',
              into: 'all',
              conflictPolicy: 'Ignore',
              priority: ['x'],
              priorityPolicy: 'IgnoreNotFound',
            },
          ],
        },
        { kind: 'generator', generator: { kind: 'Password', name: 'pw' } },
      ],
    });
  });

  it.each([
    ['nothing to read', 'target: {name: x}', ['spec: either data or dataFrom should be specified']],
    [
      'an entry of dataFrom without a source',
      'dataFrom: [{rewrite: []}]',
      ['spec.dataFrom[0]: either extract, find, or sourceRef must be set to dataFrom'],
    ],
    [
      'an empty sourceRef',
      'dataFrom: [{sourceRef: {}}]',
      ['spec.dataFrom[0]: generatorRef or storeRef must be set when using sourceRef in dataFrom'],
    ],
    [
      'a store that nothing is read from',
      'dataFrom: [{sourceRef: {storeRef: {name: x}}}]',
      ['spec.dataFrom[0]: sourceRef.storeRef brings nothing without extract or find'],
    ],
    [
      'two sources',
      'dataFrom: [{extract: {key: a}, find: {name: {regexp: b}}}]',
      ['spec.dataFrom[0]: extract, find, or generatorRef cannot be set at the same time'],
    ],
    [
      'a deletion of what is not owned',
      `${ONE}target: {deletionPolicy: Delete, creationPolicy: CreateOrMerge}`,
      [
        "spec.target: deletionPolicy=Delete must not be used when the controller doesn't own the secret. Please set creationPolicy=Owner",
      ],
    ],
    [
      'a merge into nothing',
      `${ONE}target: {deletionPolicy: Merge, creationPolicy: None}`,
      ['spec.target: deletionPolicy=Merge must not be used with creationPolicy=None. There is no Secret to merge with'],
    ],
    [
      'one key twice',
      'data: [{secretKey: a, remoteRef: {key: x}}, {secretKey: a, remoteRef: {key: y}}]',
      ['spec.data[1].secretKey: duplicate secretKey found: a'],
    ],
    [
      'one key twice where the second may stand in for the first',
      'target: {deletionPolicy: Merge}\ndata: [{secretKey: a, remoteRef: {key: x}}, {secretKey: a, remoteRef: {key: y}}]',
      [],
    ],
    [
      'targets that are no Secrets',
      `${ONE}target: {manifest: {apiVersion: v1, kind: ConfigMap}}`,
      ['spec.target.manifest: is not supported: Latchkey makes Secrets only'],
    ],
    [
      'a bootstrap token',
      `${ONE}target: {template: {type: bootstrap.kubernetes.io/token}}`,
      ['spec.target.template.type: must not be bootstrap.kubernetes.io/token: Latchkey makes no Secrets of this type'],
    ],
    [
      'a ServiceAccount token',
      `${ONE}target: {template: {type: kubernetes.io/service-account-token}}`,
      [
        'spec.target.template.type: must not be kubernetes.io/service-account-token: Latchkey makes no Secrets of this type',
      ],
    ],
    [
      'other places of a template',
      `${ONE}target: {template: {templateFrom: [{literal: "a: b", target: spec.data}]}}`,
      ['spec.target.template.templateFrom[0].target: must be one of Data, Annotations, Labels'],
    ],
    [
      'the first template engine',
      `${ONE}target: {template: {engineVersion: v1}}`,
      ['spec.target.template.engineVersion: must be one of v2'],
    ],
    [
      'a generator for a single value',
      'data: [{secretKey: a, remoteRef: {key: k}, sourceRef: {generatorRef: {kind: Password, name: p}}}]',
      ['spec.data[0].sourceRef.generatorRef: works in dataFrom only'],
    ],
    [
      'rows that lack what they need, all at once',
      'data: [{remoteRef: {}}, {secretKey: a/b}]',
      [
        'spec.data[0].secretKey: is required, such as "password"',
        'spec.data[0].remoteRef.key: is required, such as "prod/db"',
        'spec.data[1].remoteRef: is required',
        'spec.data[1].secretKey: must be a string such as "password"',
      ],
    ],
    [
      'expressions that Go does not know',
      'dataFrom: [{find: {name: {regexp: (?=a)}}, rewrite: [{regexp: {source: "(", target: x}}]}]',
      [
        'spec.dataFrom[0].rewrite[0].regexp.source: is not a regular expression that Go (RE2) accepts',
        'spec.dataFrom[0].find.name.regexp: is not a regular expression that Go (RE2) accepts',
      ],
    ],
    [
      'operations without or with two kinds',
      'dataFrom: [{extract: {key: a}, rewrite: [{}, {transform: {template: a}, regexp: {source: a, target: b}}]}]',
      [
        'spec.dataFrom[0].rewrite[0]: must hold one of regexp, transform, merge',
        'spec.dataFrom[0].rewrite[1]: must hold one of regexp, transform, merge',
      ],
    ],
    [
      'a merge without a name',
      'dataFrom: [{extract: {key: a}, rewrite: [{merge: {strategy: JSON}}]}]',
      ['spec.dataFrom[0].rewrite[0].merge.into: is required with strategy JSON'],
    ],
    [
      'durations',
      `${ONE}refreshInterval: 1 day\nsyncWindows: {kind: allow, windows: [{schedule: "@daily", duration: soon}]}`,
      [
        'spec.refreshInterval: must be a duration such as "1h"',
        'spec.syncWindows.windows[0].duration: must be a duration such as "1h"',
      ],
    ],
    ['a list that is none', 'data: {}', ['spec.data: must be a list']],
  ])('tells of %s', (_, text, expected) => {
    expect(read(text).problems).toEqual(expected);
  });

  it('tells of entries without a store', () => {
    const { problems } = parseDefinitionSpec(parse(`${ONE}dataFrom: [{extract: {key: a}}]`), { name: 'db' });

    expect(problems).toEqual([
      'spec.data[0]: names no store; set spec.secretStoreRef, or sourceRef.storeRef here',
      'spec.dataFrom[0]: names no store; set spec.secretStoreRef, or sourceRef.storeRef here',
    ]);
  });

  it.each([
    ['secretStoreRef: {}', []],
    ['secretStoreRef: {kind: ClusterSecretStore}', ['spec.secretStoreRef.name: is required, such as "aws-prod"']],
    [
      'secretStoreRef: {name: a, kind: Store}',
      ['spec.secretStoreRef.kind: must be one of SecretStore, ClusterSecretStore'],
    ],
  ])('reads %s', (reference, expected) => {
    const own = 'data: [{secretKey: a, remoteRef: {key: k}, sourceRef: {storeRef: {name: b}}}]';

    const { problems } = parseDefinitionSpec(parse(`${reference}\n${own}`), { name: 'db' });

    expect(problems).toEqual(expected);
  });

  it.each([
    ['refreshInterval: "0"', 0],
    ['refreshInterval: 0s', 0],
    ['refreshInterval: -5m', 0],
    ['refreshInterval: 15s', 15_000],
  ])('reads %s as %d ms', (text, expected) => {
    expect(read(ONE + text).spec.refreshIntervalMs).toBe(expected);
  });

  it.each([
    [
      'a misspelt field',
      `${ONE}refreshIntervall: 1h`,
      'spec.refreshIntervall: is unknown, or has no effect here; did you mean refreshInterval?',
    ],
    [
      'the old shape of dataFrom',
      'dataFrom: [{extract: {key: a}, conversion: Unicode}]',
      'spec.dataFrom[0].conversion: is unknown, or has no effect here',
    ],
    [
      'a conversion of a single value',
      'data: [{secretKey: a, remoteRef: {key: k, conversionStrategy: Unicode}}]',
      'spec.data[0].remoteRef.conversionStrategy: has no effect on a single value',
    ],
    [
      'a conversion beside a rewrite',
      'dataFrom: [{extract: {key: k, conversionStrategy: Unicode}, rewrite: [{transform: {template: a}}]}]',
      'spec.dataFrom[0].extract.conversionStrategy: has no effect beside rewrite',
    ],
    [
      'a template from nowhere',
      `${ONE}target: {template: {templateFrom: [{}]}}`,
      'spec.target.template.templateFrom[0]: has no effect without configMap, secret or literal',
    ],
    [
      'windows of no kind',
      `${ONE}syncWindows: {kind: maybe, windows: []}`,
      'spec.syncWindows.kind: is neither allow nor deny, so the windows have no effect',
    ],
  ])('warns of %s', (_, text, expected) => {
    const { problems, warnings } = read(text);

    expect({ problems, warnings }).toEqual({ problems: [], warnings: [expected] });
  });

  it('takes empty texts of charts for none', () => {
    const { spec, problems } = read(
      'target: {name: ""}\ndata: [{secretKey: a, remoteRef: {key: k, property: "", version: ""}}]',
    );

    expect(problems).toEqual([]);
    expect(spec.target.name).toBe('db');
    expect(spec.data[0]?.remoteRef).toMatchObject({ property: undefined, version: undefined });
  });

  it('begins its addresses as it is told', () => {
    const { problems } = parseDefinitionSpec({}, { name: 'db', path: 'spec.externalSecretSpec' });

    expect(problems).toEqual(['spec.externalSecretSpec: either data or dataFrom should be specified']);
  });
});
