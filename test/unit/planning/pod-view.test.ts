import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { controllerOf, viewPod } from '../../../src/planning/pod-view.ts';
import { aContainer, aController, aPod } from '../../support/a-pod.ts';

describe('viewPod', () => {
  it('reads what planning needs, with each container under its list and index', () => {
    const pod = aPod({
      labels: { app: 'api' },
      ownerReferences: [aController('ReplicaSet', 'api-7d4', 'u')],
      initContainers: [aContainer(undefined, { name: 'migrate' })],
      containers: [
        aContainer(
          [
            { name: 'A', value: 'x' },
            { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
            { name: 'C', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'D' },
          ],
          { envFrom: [{ configMapRef: { name: 'c' } }, { secretRef: { name: 's' } }] },
        ),
      ],
    });

    expect(viewPod(pod)).toEqual({
      name: '',
      serviceAccountName: 'api',
      labels: { app: 'api' },
      annotations: undefined,
      controller: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'api-7d4', uid: 'u' },
      containers: [
        { list: 'initContainers', index: 0, name: 'migrate', env: undefined, envFrom: undefined },
        {
          list: 'containers',
          index: 0,
          name: 'api',
          env: [
            { name: 'A', value: 'x', secretKeyRef: undefined },
            { name: 'B', value: undefined, secretKeyRef: { name: 's', optional: false, key: 'k' } },
            { name: 'C', value: undefined, secretKeyRef: undefined },
            { name: 'D', value: undefined, secretKeyRef: undefined },
          ],
          envFrom: [undefined, { name: 's', optional: false }],
        },
      ],
      secretPlaces: [],
    });
  });

  it('finds the places where the Pod itself takes a Secret, with their addresses', () => {
    const pod = aPod({
      volumes: [
        { name: 'tmp', emptyDir: {} },
        { name: 'certs', secret: { secretName: 'tls', optional: true } },
        { name: 'all', projected: { sources: [{ configMap: { name: 'c' } }, { secret: { name: 's' } }] } },
      ],
      imagePullSecrets: [{ name: 'registry' }],
    });

    expect(viewPod(pod).secretPlaces).toEqual([
      { name: 'tls', optional: true, path: '/spec/volumes/1/secret/secretName', where: 'volume "certs"' },
      {
        name: 's',
        optional: false,
        path: '/spec/volumes/2/projected/sources/1/secret/name',
        where: 'volume "all", projected.sources[1]',
      },
      { name: 'registry', optional: false, path: '/spec/imagePullSecrets/0/name', where: 'imagePullSecrets[0]' },
    ]);
  });

  it.each([
    ['names none', {}],
    ['names an empty one', { serviceAccountName: '' }],
  ])('takes the ServiceAccount default where the Pod %s', (_title, spec) => {
    expect(viewPod({ spec }).serviceAccountName).toBe('default');
  });

  it('reads any JSON without throwing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(viewPod({ spec: json, metadata: json })).toHaveProperty('containers');
      }),
    );
  });
});

describe('controllerOf', () => {
  it.each([
    ['nothing', undefined],
    ['no list', { controller: true }],
    ['owners that do not control', [{ kind: 'Node', name: 'n', uid: 'u' }]],
    ['a controller by word', [{ kind: 'Node', name: 'n', uid: 'u', controller: 'true' }]],
  ])('finds none in %s', (_title, references) => {
    expect(controllerOf(references)).toBeUndefined();
  });

  it('takes the one with controller: true among several', () => {
    const references = [{ kind: 'Node', uid: 'n' }, aController('Job', 'import', 'u', 'batch/v1')];

    expect(controllerOf(references)).toEqual({ apiVersion: 'batch/v1', kind: 'Job', name: 'import', uid: 'u' });
  });
});
