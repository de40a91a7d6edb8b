import { describe, expect, it } from 'vitest';
import type { AnnotationSource } from '../../../src/references/parse-annotations.ts';
import { aContainer, aPod } from '../../support/a-pod.ts';
import { envOf, linesOf, patched, plan } from '../../support/plan-scene.ts';

const DB = 'secretstore://aws-prod/db';

function above(annotations: Readonly<Record<string, string>>): readonly AnnotationSource[] {
  return [{ where: 'Deployment "api"', level: 'workload', annotations }];
}

function fromSecret(name: string, secret: string | undefined) {
  return { name, valueFrom: { secretKeyRef: { name: secret, key: name } } };
}

describe('variables of annotations', () => {
  it('stand first, so that others can use them, and those that use others stand last', () => {
    const pod = aPod({ containers: [aContainer({ HOST: 'db' })] });
    const annotations = {
      'latchkey.dev/env.URL': `https://$(HOST)/\${${DB}}`,
      'latchkey.dev/env.ONE': DB,
      'latchkey.dev/env.TWO': `${DB}#two`,
    };

    const { patch, secrets } = plan(pod, { above: above(annotations) });

    expect(envOf(patched(pod, patch))).toEqual([
      fromSecret('ONE', secrets[0]?.name),
      fromSecret('TWO', secrets[0]?.name),
      { name: 'HOST', value: 'db' },
      fromSecret('LATCHKEY_URL_1', secrets[0]?.name),
      { name: 'URL', value: 'https://$(HOST)/$(LATCHKEY_URL_1)' },
    ]);
  });

  it('go into every container, also into one without variables', () => {
    const pod = aPod({
      initContainers: [aContainer(undefined, { name: 'migrate' })],
      containers: [aContainer(), aContainer({ A: 'x' }, { name: 'worker' })],
    });

    const { patch, secrets } = plan(pod, { above: above({ 'latchkey.dev/env.DB': DB }) });

    const { spec } = patched(pod, patch);
    const added = fromSecret('DB', secrets[0]?.name);
    expect([...(spec.initContainers ?? []), ...spec.containers].map(({ env }) => env)).toEqual([
      [added],
      [added],
      [added, { name: 'A', value: 'x' }],
    ]);
  });

  it('go only into the containers that are named', () => {
    const pod = aPod({ containers: [aContainer(), aContainer(undefined, { name: 'worker' })] });
    const annotations = { 'latchkey.dev/env.DB': DB, 'latchkey.dev/env-from': DB, 'latchkey.dev/containers': 'worker' };

    const { patch } = plan(pod, { above: above(annotations) });

    const { containers } = patched(pod, patch).spec;
    expect(containers.map(({ env, envFrom }) => [env?.length, envFrom?.length])).toEqual([
      [undefined, undefined],
      [1, 1],
    ]);
  });

  it.each([
    ['wroker', 'Did you mean "worker"?'],
    ['batch', 'Write one of api, worker.'],
  ])('are refused where the Pod has no container %s', (name, hint) => {
    const pod = aPod({ containers: [aContainer(), aContainer(undefined, { name: 'worker' })] });

    const planned = plan(pod, { above: above({ 'latchkey.dev/containers': `api, ${name}` }) });

    expect(linesOf(planned)).toEqual([
      `annotation latchkey.dev/containers on Deployment "api": the Pod has no container "${name}". ${hint} [ANNOTATION_INVALID]`,
    ]);
  });

  it.each([
    ['a plain value', { name: 'DB', value: 'x' }],
    ['a reference of its own', { name: 'DB', value: `${DB}#other` }],
    ['a value from elsewhere', { name: 'DB', valueFrom: { secretKeyRef: { name: 'own', key: 'db' } } }],
  ])('are refused where the container sets the name to %s', (_title, entry) => {
    const planned = plan(aPod({ containers: [aContainer([entry])] }), { above: above({ 'latchkey.dev/env.DB': DB }) });

    expect(linesOf(planned)).toEqual([
      'annotation latchkey.dev/env.DB on Deployment "api": container "api" sets DB already. Remove the variable or the annotation, or limit the annotation with latchkey.dev/containers. [VARIABLE_EXISTS]',
    ]);
  });

  it('stand after env-from sources that are there, with a Secret for each reference', () => {
    const pod = aPod({ containers: [aContainer(undefined, { envFrom: [{ configMapRef: { name: 'c' } }] })] });
    const list = `${DB}?prefix=P_, secretstore://aws-prod/more?optional, ${DB}`;

    const { patch, secrets } = plan(pod, { above: above({ 'latchkey.dev/env-from': list }) });

    expect(secrets.map(({ map }) => map?.reference.key)).toEqual(['db', 'more']);
    expect(patched(pod, patch).spec.containers[0]?.envFrom).toEqual([
      { configMapRef: { name: 'c' } },
      { prefix: 'P_', secretRef: { name: secrets[0]?.name } },
      { secretRef: { name: secrets[1]?.name, optional: true } },
      { secretRef: { name: secrets[0]?.name } },
    ]);
  });
});
