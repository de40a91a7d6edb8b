import { describe, expect, it } from 'vitest';
import { toFacts } from '../../../src/externalsecrets/to-facts.ts';
import { aDefinition } from '../../support/produce-scene.ts';

const DATA = 'data: [{secretKey: a, remoteRef: {key: k}}]\n';

describe('what planning knows of a definition', () => {
  it('is its names, its stores, its target and its mistakes', () => {
    const facts = toFacts(
      aDefinition(`${DATA}dataFrom:
- {extract: {key: k}, sourceRef: {storeRef: {kind: ClusterSecretStore, name: shared}}}
- {find: {}, sourceRef: {storeRef: {name: fake}}}
- {sourceRef: {generatorRef: {kind: UUID, name: u}}}
target: {name: app, template: {type: kubernetes.io/tls}}
refreshInterval: soon`),
    );

    expect(facts).toMatchObject({
      namespace: 'payments',
      name: 'db',
      uid: 'uid-es',
      target: 'app',
      type: 'kubernetes.io/tls',
      problems: ['spec.refreshInterval: must be a duration such as "1h"'],
      stores: [
        { kind: 'SecretStore', name: 'fake' },
        { kind: 'ClusterSecretStore', name: 'shared' },
      ],
    });
    expect(facts.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('has no target where no Secret is made', () => {
    const facts = toFacts(aDefinition(`${DATA}target: {creationPolicy: None}`));

    expect(facts).toMatchObject({ target: undefined, type: 'Opaque' });
  });

  it.each([
    ['another key', `${DATA}dataFrom: [{extract: {key: b}}]`, {}, true],
    ['another template', `${DATA}target: {template: {data: {x: z}}}`, {}, true],
    ['another tolerance', `${DATA}target: {deletionPolicy: Delete}`, {}, true],
    ['a label, which is copied', DATA, { labels: { a: 'b' } }, true],
    ['an annotation, which is copied', DATA, { annotations: { 'force-sync': '1' } }, true],
    [
      'what kubectl apply keeps',
      DATA,
      { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } },
      false,
    ],
    ['another refresh', `${DATA}refreshInterval: 5m\nrefreshPolicy: OnChange`, {}, false],
    ['another owner', `${DATA}target: {creationPolicy: Orphan, immutable: true}`, {}, false],
    ['another generation', DATA, { generation: 7, uid: 'other' }, false],
  ])('has another digest with %s: %#', (_, spec, metadata, differs) => {
    const before = toFacts(aDefinition(DATA)).digest;

    const after = toFacts(aDefinition(spec, metadata)).digest;

    expect(after !== before).toBe(differs);
  });

  it('has one digest whatever the order of maps, and does not look at labels beside a template', () => {
    const one = toFacts(aDefinition(`${DATA}target: {template: {data: {x: y, z: w}}}`, { labels: { a: 'b' } }));

    const other = toFacts(aDefinition(`${DATA}target: {template: {data: {z: w, x: y}}}`));

    expect(other.digest).toBe(one.digest);
  });
});
