import { describe, expect, it } from 'vitest';
import { parseClusterDefinition } from '../../../src/externalsecrets/cluster-definition.ts';

const API_VERSION = 'external-secrets.io/v1';

function parse(spec: unknown, annotations: Record<string, string> = {}) {
  const metadata = { name: 'tls', uid: 'u-1', resourceVersion: '7', generation: 3, annotations };
  return parseClusterDefinition({ metadata, spec }, API_VERSION);
}

function selected(spec: object): readonly string[] {
  const definition = parse({ externalSecretSpec: {}, ...spec });
  const namespaces = [
    { name: 'payments', labels: { team: 'a', tier: 'web' }, annotations: {} },
    { name: 'orders', labels: { team: 'b' }, annotations: {} },
    { name: 'bare', labels: {}, annotations: {} },
  ];
  return namespaces.filter((namespace) => definition.selects(namespace)).map(({ name }) => name);
}

describe('parseClusterDefinition', () => {
  it('reads what is to be stamped', () => {
    const spec = { secretStoreRef: { kind: 'ClusterSecretStore', name: 'ssm' }, dataFrom: [] };

    const definition = parse({
      externalSecretSpec: spec,
      externalSecretName: 'certificate',
      externalSecretMetadata: { labels: { app: 'web' }, annotations: { note: 'x' } },
      refreshTime: '10m',
    });

    expect(definition).toMatchObject({
      name: 'tls',
      uid: 'u-1',
      generation: 3,
      externalSecretName: 'certificate',
      labels: { app: 'web' },
      annotations: { note: 'x' },
      spec,
      stores: [{ kind: 'ClusterSecretStore', name: 'ssm' }],
      refreshMs: 600_000,
      problems: [],
    });
  });

  it('names the ExternalSecrets as itself, and looks every hour, unless told', () => {
    expect(parse({ externalSecretSpec: {} })).toMatchObject({ externalSecretName: 'tls', refreshMs: 3_600_000 });
  });

  it('hands force-sync on, and no other annotation of its own', () => {
    const definition = parse(
      { externalSecretSpec: {}, externalSecretMetadata: { annotations: { note: 'x' } } },
      { 'external-secrets.io/force-sync': '1', other: 'y' },
    );

    expect(definition.annotations).toEqual({ note: 'x', 'external-secrets.io/force-sync': '1' });
  });

  it.each([
    ['nothing', {}, []],
    ['an empty selector', { namespaceSelector: {} }, ['payments', 'orders', 'bare']],
    ['labels that all match', { namespaceSelector: { matchLabels: { team: 'a', tier: 'web' } } }, ['payments']],
    ['labels of which one differs', { namespaceSelector: { matchLabels: { team: 'b', tier: 'web' } } }, []],
    ['names', { namespaces: ['bare', 'absent'] }, ['bare']],
    [
      'one selector of several',
      { namespaceSelectors: [{ matchLabels: { team: 'a' } }, { matchLabels: { team: 'b' } }] },
      ['payments', 'orders'],
    ],
    [
      'selectors and names together',
      { namespaceSelectors: [{ matchLabels: { team: 'a' } }], namespaces: ['bare'] },
      ['payments', 'bare'],
    ],
    [
      'expressions',
      { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['a'] }] } },
      ['orders', 'bare'],
    ],
  ])('selects by %s', (_title, spec, expected) => {
    expect(selected(spec)).toEqual(expected);
  });

  it('reports all mistakes, and selects nothing by a selector that has one', () => {
    const { problems } = parse({
      externalSecretName: 'No Name',
      refreshTime: 'soon',
      namespaceSelectors: [{ matchExpressions: [{ key: 'team', operator: 'Is' }] }],
    });

    expect(problems).toEqual([
      'spec.externalSecretSpec: must be the spec of an ExternalSecret',
      'spec.externalSecretName: must be the name of an object, such as "database"',
      'spec.refreshTime: must be a duration such as "1h"',
      'spec.namespaceSelectors[0].matchExpressions[0].operator: must be one of In, NotIn, Exists, DoesNotExist',
      'spec.namespaceSelectors[0].matchExpressions[0].values: must not be empty with In',
    ]);
    expect(selected({ namespaceSelectors: [{ matchExpressions: [{ key: 'team', operator: 'Is' }] }] })).toEqual([]);
  });
});
