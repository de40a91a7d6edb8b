import * as fc from 'fast-check';
import type { ContainerManifest, PodManifest } from '../../support/a-pod.ts';

const PLAIN_OBJECTS = { noNullPrototype: true };

/** Names that meet each other often, and such as trip up objects, pointers and Secret keys. */
const NAMES = [
  'A',
  'B',
  'A_B',
  'A-B',
  'LATCHKEY_A_1',
  '__proto__',
  'constructor',
  'toString',
  'a/b',
  'a~1b',
  '..',
  '',
  'A.0123abcd',
  'ü',
];
const VALUES = [
  '',
  'plain',
  '$(B)',
  'secretstore://aws-prod/db',
  'secretstore://aws-prod/db#password',
  'secretstore://aws-prod/db?optional',
  'secretstore:///db?default=x',
  'clustersecretstore://team/a',
  'secretstore://nowhere/db',
  'secretstore://aws-prod',
  'https://${secretstore://aws-prod/db#user}:${secretstore://aws-prod/db#password}@db',
  'https://$(A)/${secretstore://aws-prod/db?optional}',
  '$(A)${secretstore://aws-prod/one}$(B)${secretstore://aws-prod/two}',
  '$${secretstore://aws-prod/db}',
];

/** The Secret of a plan that was copied from another Pod; where the Pod has that plan, its entries are planned anew. */
export const COPIED_SECRET = 'lk-00000000000000000000000000000000';

/** The copy of ExternalSecret `read-as-pod` in such a plan. */
export const COPIED_COPY = 'lk-01111111111111111111111111111111';

/** Secrets that a Pod may name: two that ExternalSecrets of that name make, copies, and somebody else's. */
const SECRETS = ['read-as-pod', 'synced', COPIED_SECRET, COPIED_COPY, 's'];

const secret = fc.constantFrom(...SECRETS);
const isOptional = fc.constantFrom(true, false);
const name = fc.constantFrom(...NAMES);
const value = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...VALUES) }, { weight: 1, arbitrary: fc.string() });
const entry = fc.oneof(
  { weight: 6, arbitrary: fc.record({ name, value }, PLAIN_OBJECTS) },
  { weight: 1, arbitrary: fc.record({ name }, PLAIN_OBJECTS) },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        name,
        valueFrom: fc.oneof(
          fc.constant({ fieldRef: { fieldPath: 'metadata.name' } }),
          secret.map((from) => ({ secretKeyRef: { name: from, key: 'A' } })),
          secret.map((from) => ({ secretKeyRef: { name: from, key: 'A', optional: true } })),
        ),
      },
      PLAIN_OBJECTS,
    ),
  },
);
const envFrom = fc.oneof(
  fc.constantFrom({ configMapRef: { name: 'c' } }, { prefix: 'P_' }),
  fc.record({ name: secret, optional: isOptional }, PLAIN_OBJECTS).map((secretRef) => ({ secretRef })),
);
const volume = fc.oneof(
  fc.constant({ emptyDir: {} }),
  fc.record({ secretName: secret, optional: isOptional }, PLAIN_OBJECTS).map((from) => ({ secret: from })),
  fc
    .array(
      fc.oneof(
        fc.constant({ configMap: { name: 'c' } }),
        secret.map((from) => ({ secret: { name: from } })),
      ),
      { maxLength: 2 },
    )
    .map((sources) => ({ projected: { sources } })),
);
const volumes = fc
  .array(volume, { maxLength: 3 })
  .map((all) => all.map((one, index) => ({ name: `v${index}`, ...one })));
const imagePullSecrets = fc.array(
  secret.map((from) => ({ name: from })),
  { maxLength: 2 },
);

function containers(prefix: string): fc.Arbitrary<readonly ContainerManifest[]> {
  return fc
    .array(
      fc.record(
        {
          env: fc.array(entry, { maxLength: 5 }),
          envFrom: fc.array(envFrom, { maxLength: 2 }),
          image: fc.constant('x'),
        },
        { ...PLAIN_OBJECTS, requiredKeys: ['image'] },
      ),
      { maxLength: 3 },
    )
    .map((items) => items.map((item, index) => ({ ...item, name: `${prefix}${index}` })));
}

const annotations = fc.dictionary(
  fc.constantFrom(
    'latchkey.dev/env.ADDED',
    'latchkey.dev/env.A',
    'latchkey.dev/env',
    'latchkey.dev/env-from',
    'latchkey.dev/external-secret',
    'latchkey.dev/external-secret',
    'latchkey.dev/containers',
    'latchkey.dev/store',
    'latchkey.dev/inject',
    'latchkey.dev/files',
    'latchkey.dev/plan',
    'prometheus.io/scrape',
  ),
  fc.constantFrom(
    'secretstore://aws-prod/db',
    'secretstore://aws-prod/json?prefix=P_, secretstore://aws-prod/json?optional',
    'https://$(A)/${secretstore://aws-prod/db?optional}',
    '{__proto__: "secretstore:///db", E: "secretstore://aws-prod/e#p"}',
    'c0, i0',
    'read-as-pod',
    'synced, read-as-pod',
    'aws-prod',
    'true',
    'no',
    `{"v":1,"secrets":[{"name":"${COPIED_SECRET}","owner":"lease","keys":{"A":"secretstore://aws-prod/db"}}]}`,
    `{"v":1,"secrets":[{"name":"${COPIED_COPY}","owner":"lease","definition":"read-as-pod","digest":"d"}]}`,
  ),
  PLAIN_OBJECTS,
);

/** Pods as an API server decodes them: every container and variable has a name, though not always a good one. */
export const arbitraryPod: fc.Arbitrary<PodManifest> = fc.record(
  {
    metadata: fc.record(
      { annotations, labels: fc.constant({ app: 'a/b~c' }), generateName: fc.constant('api-') },
      { ...PLAIN_OBJECTS, requiredKeys: ['generateName'] },
    ),
    spec: fc.record(
      { containers: containers('c'), initContainers: containers('i'), volumes, imagePullSecrets },
      { ...PLAIN_OBJECTS, requiredKeys: ['containers'] },
    ),
  },
  PLAIN_OBJECTS,
);
