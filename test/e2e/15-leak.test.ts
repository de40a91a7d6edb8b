import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { waitUntil } from '../plane/wait-until.ts';
import { markAudit } from './audit-log.ts';
import { createLeakScene, type LeakScene } from './leak-scene.ts';
import { collectOutputs, type Output, OUTPUTS, type Outputs, readStoredValues, type StoredValue } from './outputs.ts';
import { readPublished } from './replica-client.ts';
import { getStage, type Stage } from './stage.ts';

let stage: Stage;
let scene: LeakScene;
let outputs: Outputs;
let stored: readonly StoredValue[];

beforeAll(async () => {
  stage = await getStage();
  const mark = markAudit();
  scene = await createLeakScene(stage);
  [outputs, stored] = await Promise.all([collectOutputs(stage, mark), readStoredValues(stage)]);
});

describe('the search', () => {
  it.each(OUTPUTS.filter((output) => output !== 'metrics' && output !== 'control plane'))(
    'finds the control marker in: %s',
    (output) => {
      expect(scene.control.findIn(outputs[output])).not.toEqual([]);
    },
  );

  it('finds the control marker in answers, and reads metrics and the logs of the control plane', () => {
    expect(scene.control.findIn(scene.answers.join('\n'))).not.toEqual([]);
    expect(outputs.metrics.match(/^latchkey_admission_reviews_total\{decision="denied"/gm)?.length).toBeGreaterThan(1);
    expect(outputs['control plane']).toContain('kube-apiserver');
  });

  it.each([
    'Pod',
    'ReplicaSet',
    'ControllerRevision',
    'Lease',
    'ConfigMap',
    'SecretStore',
    'ClusterSecretStore',
    'MutatingWebhookConfiguration',
  ])('reads every %s', (kind) => {
    expect(outputs.objects).toContain(`"kind": "${kind}"`);
    expect(outputs.objects).toContain(`kind: ${kind}\n`);
  });

  it.each<[string, (text: string) => string]>([
    ['base64 inside a longer text', (text) => Buffer.from(`{"a":"bc${text}"}`).toString('base64')],
    ['base64url', (text) => Buffer.from(text).toString('base64url')],
    ['a Secret inside a JSON Patch', (text) => Buffer.from(`[{"a":"${toBase64(text)}"}]`).toString('base64')],
    ['hex', (text) => Buffer.from(text).toString('hex')],
    ['a URL', (text) => new URLSearchParams({ text }).toString()],
    ['JSON', (text) => JSON.stringify({ text })],
    ['JSON inside JSON inside base64', (text) => toBase64(JSON.stringify({ text: JSON.stringify(text) }))],
    ['YAML', (text) => stringify({ text })],
  ])('finds a marker in %s', (_how, write) => {
    expect(scene.control.findIn(write(scene.control.text))).not.toEqual([]);
    expect(scene.marker.findIn(write(scene.control.text))).toEqual([]);
  });

  it('finds tokens where they were planted', () => {
    for (const output of ['objects', 'audit'] as const) {
      expect(tokensIn(outputs[output])).toEqual(expect.arrayContaining([...scene.controlTokens]));
    }
  });
});

describe('a value', () => {
  it.each(OUTPUTS)('is not in: %s', (output) => {
    expect(scene.marker.findIn(outputs[output])).toEqual([]);
    expect(scene.credential.findIn(outputs[output])).toEqual([]);
  });

  it('is in no answer to those who create Pods', () => {
    expect(scene.answers.length).toBeGreaterThan(40);
    expect(
      scene.answers.flatMap((answer) => [...scene.marker.findIn(answer), ...scene.credential.findIn(answer)]),
    ).toEqual([]);
  });

  it('is in the data of the Secrets that were written for it, and of no other', () => {
    const places = stored.filter(({ text }) => scene.marker.findIn(text).length > 0).map(({ place }) => place);

    const keys = places.map((place) => place.split(' ')[1]);
    expect(keys).toEqual(
      expect.arrayContaining(['PLAIN', 'INSIDE', 'TWICE', 'NESTED', 'DECODED', 'USER', 'PASSWORD', 'ADDED', 'DEBUG']),
    );
    expect(places.filter((place) => !place.startsWith(`${scene.namespace}/lk-`))).toEqual([]);
    expect(keys).not.toContain('FAILS');
  });
});

describe('a token', () => {
  it.each(OUTPUTS)('of a ServiceAccount or of Vault, or a private key, is not in: %s', (output) => {
    const known = new Set(scene.controlTokens);

    expect(tokensIn(outputs[output]).filter((token) => !known.has(token))).toEqual([]);
  });

  it('of the path is neither logged nor measured by us', async () => {
    const published = await waitUntil('the published configuration', () => readPublished(stage.plane));
    const token = published.path.replace('/mutate/', '');

    for (const output of ['logs', 'metrics'] satisfies readonly Output[]) {
      expect(outputs[output]).not.toContain(token);
      expect(outputs[output]).not.toMatch(/\/mutate\/[0-9a-f]{16}/);
    }
    expect(outputs.objects).toContain(token);
  });
});

/** JSON Web Tokens, plain or in base64; tokens of Vault; private keys. */
function tokensIn(output: string): readonly string[] {
  const shapes = [
    /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g,
    /ZXlK[A-Za-z0-9+/]{100,}/g,
    /\b(?:hv)?[sbr]\.[A-Za-z0-9_-]{20,}/g,
    /-----BEGIN [A-Z ]*PRIVATE KEY/g,
  ];
  return [...new Set(shapes.flatMap((shape) => output.match(shape) ?? []))];
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}
