import { describe, expect, it } from 'vitest';
import type { AdmissionResponse } from '../../src/admission/decision.ts';
import type { KubeObject } from '../../src/kube/kube-object.ts';
import { type CaseServer, startCaseServer } from '../support/case-server.ts';
import { type Case, loadCases, type Manifest } from '../support/load-cases.ts';
import { formsIn, MARKER, MARKER_FORMS, plant, withMarkers } from '../support/planted-marker.ts';

const cases = loadCases().filter(({ pod }) => JSON.stringify(pod).includes('secretstore://'));

/** Those whose values come through ExternalSecrets. */
const copied = loadCases().filter(({ cluster }) => cluster.some(({ kind }) => kind === 'ExternalSecret'));

/** Ways for an ExternalSecret to fail after its values were read. */
const MISTAKES: readonly [title: string, change: (text: string) => string][] = [
  ['a property that is missing', (text) => text.replaceAll(/("remoteRef":{|"extract":{)/g, '$1"property":"no.such",')],
  [
    'a value that cannot be decoded',
    (text) => text.replaceAll('"extract":{', '"extract":{"decodingStrategy":"Base64",'),
  ],
  [
    'a rewrite that makes two keys one',
    (text) => text.replaceAll('"extract"', '"rewrite":[{"regexp":{"source":".*","target":"one"}}],"extract"'),
  ],
];

/** Ways for a reference to fail after its value was read. */
const BREAKAGES: readonly [title: string, change: (text: string) => string][] = [
  ['a property that is missing', (text) => text.replaceAll(/(secretstore:\/\/\w+\/\w+)(#\w+)?/g, '$1#no.such')],
  [
    'a value that cannot be decoded',
    (text) => text.replaceAll(/(secretstore:\/\/\w+\/\w+)(?!\?)/g, '$1?decode=base64url'),
  ],
  ['one broken reference among good ones', (text) => text.replace(/(secretstore:\/\/\w+)\/\w+/, '$1/no-such')],
];

describe('values of a provider', () => {
  it.each(cases)('stand nowhere but in Secrets in the case $name', async (one) => {
    await using server = await startCaseServer(one.cluster.map(withMarkers), one.config);

    const first = await server.review(one.pod);
    const second = await server.review(one.pod);

    expect(await leaks(server, first, second)).toEqual([]);
  });

  it.each(BREAKAGES)('stand in no refusal of %s', async (_title, change) => {
    let refusals = 0;
    for (const one of cases) {
      await using server = await startCaseServer(one.cluster.map(withMarkers), one.config);
      const pod = JSON.parse(change(JSON.stringify(one.pod))) as Manifest;

      const responses = [await server.review(pod), await server.review(pod, { dryRun: true })];

      expect([one.name, await leaks(server, ...responses)]).toEqual([one.name, []]);
      if (responses[0]?.allowed === false) refusals += 1;
    }
    expect(refusals).toBeGreaterThan(cases.length / 2);
  });

  it.each(copied)('stand nowhere but in copies in the case $name', async (one) => {
    await using server = await startPlanted(one);

    const responses = [await server.review(one.pod), await server.review(one.pod)];

    expect(await leaks(server, ...responses)).toEqual([]);
  });

  it.each(MISTAKES)('stand in no refusal of an ExternalSecret with %s', async (_title, change) => {
    let refusals = 0;
    for (const one of copied.filter(({ admitted = [] }) => admitted.length > 1)) {
      await using server = await startPlanted(one, change);

      const response = await server.review(one.pod);

      expect([one.name, await leaks(server, response)]).toEqual([one.name, []]);
      if (!response.allowed) refusals += 1;
    }
    expect(refusals).toBeGreaterThan(0);
  });

  it('stand in no refusal of a Secret that somebody else has in the way', async () => {
    for (const one of cases.filter(({ admitted = [] }) => admitted.length > 1)) {
      const inTheWay = one.admitted?.slice(1).map(foreign) ?? [];
      await using server = await startCaseServer([...one.cluster.map(withMarkers), ...inTheWay], one.config);

      const response = await server.review(one.pod);

      expect([one.name, await leaks(server, response)]).toEqual([one.name, []]);
    }
  });

  it('stand in the Secrets that are written', async () => {
    const one = cases.find(({ name }) => name === 'env-from-store') as Case;
    await using server = await startCaseServer(one.cluster.map(withMarkers), one.config);

    await server.review(one.pod);

    expect(formsIn(JSON.stringify(server.cluster.objects('v1', 'Secret')))).toContain('base64, shifted by 0');
  });
});

describe('the search for values', () => {
  it.each([
    ['plain', `a ${MARKER} b`],
    ['URL-encoded', `a=${encodeURIComponent(`x${MARKER}`)}`],
    ['hex', Buffer.from(`x${MARKER}y`).toString('hex').toUpperCase()],
    ['base64, shifted by 0', Buffer.from(`${MARKER}y`).toString('base64')],
    ['base64, shifted by 1', Buffer.from(`x${MARKER}y`).toString('base64')],
    ['base64, shifted by 2', Buffer.from(`xx${MARKER}yy`).toString('base64')],
    ['base64url, shifted by 1', Buffer.from(`x${MARKER}y`).toString('base64url')],
  ])('finds the marker %s', (form, text) => {
    expect(formsIn(text)).toContain(form);
  });

  it('tells the forms apart from ordinary text', () => {
    for (const form of MARKER_FORMS.values()) expect(form.length).toBeGreaterThan(12);
  });
});

function startPlanted({ cluster, config, remote }: Case, change = (text: string) => text): Promise<CaseServer> {
  const manifests = cluster
    .map(withMarkers)
    .map((manifest) => JSON.parse(change(JSON.stringify(manifest))) as Manifest);
  const planted = Object.entries(remote).map(([key, value]) => [key, plant(value)]);
  return startCaseServer(manifests, config, Object.fromEntries(planted));
}

/** Where the marker stands that it must not: `log: plain`. */
async function leaks(server: CaseServer, ...responses: readonly AdmissionResponse[]): Promise<readonly string[]> {
  const { cluster, captured } = server;
  const places: Record<string, unknown> = {
    responses,
    patches: responses.map(({ patch = '' }) => Buffer.from(patch, 'base64').toString('utf8')),
    log: captured.text(),
    metrics: await server.metricsText(),
    leases: cluster.objects('coordination.k8s.io/v1', 'Lease'),
    events: cluster.objects('events.k8s.io/v1', 'Event'),
    definitions: cluster.objects('external-secrets.io/v1', 'ExternalSecret'),
    stores: [
      ...cluster.objects('external-secrets.io/v1', 'SecretStore'),
      ...cluster.objects('external-secrets.io/v1', 'ClusterSecretStore'),
    ].map(withoutSpec),
    secrets: cluster.objects('v1', 'Secret').map(withoutData),
  };
  return Object.entries(places).flatMap(([place, content]) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    return formsIn(text).map((form) => `${place}: ${form}`);
  });
}

function withoutSpec({ spec: _spec, ...store }: KubeObject): object {
  return store;
}

function withoutData({ data: _data, ...secret }: KubeObject): object {
  return secret;
}

/** A Secret of that name that kubectl made. */
function foreign({ apiVersion, kind, metadata, stringData = {}, data = {} }: Manifest): Manifest {
  const { name, namespace } = metadata as { readonly name: string; readonly namespace: string };
  const keys = [...Object.keys(stringData as object), ...Object.keys(data as object)];
  return {
    apiVersion,
    kind,
    metadata: { name, namespace },
    type: 'Opaque',
    stringData: Object.fromEntries(keys.map((key) => [key, 'mine'])),
  };
}
