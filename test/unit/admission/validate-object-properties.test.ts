import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  constantFrom,
  dictionary,
  jsonValue,
  letrec,
  oneof,
  record,
  string,
  tuple,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createValidateObject } from '../../../src/admission/validate-object.ts';
import { VALIDATED_KINDS, type ValidatedKind } from '../../../src/admission/validation-request.ts';
import { parseConfig } from '../../../src/config.ts';
import { providerKinds } from '../../../src/providers/registry.ts';
import { createLimitsFor } from '../../../src/stores/provider-limits.ts';
import { captureLog } from '../../support/captured-log.ts';

const CALL = { signal: new AbortController().signal };

/** Names that the readers look for, so that random values arrive where they are read. */
const FIELDS =
  'secretKey remoteRef key property find name regexp tags extract rewrite transform merge template templateFrom literal ' +
  'configMap items metadata labels sourceRef storeRef generatorRef kind type creationPolicy auth server path role ' +
  'secretRef jwt serviceAccountRef appRole tokenSecretRef caProvider region service projectID vaultUrl authType data ' +
  'url headers result matchLabels matchExpressions operator values constructor __proto__';

const { value: VALUE, object: OBJECT } = letrec((tie) => ({
  value: oneof({ depthSize: 'small' }, jsonValue({ maxDepth: 1 }), string(), tie('list'), tie('object'), tie('object')),
  list: array(tie('value'), { maxLength: 3 }),
  object: dictionary(constantFrom(...FIELDS.split(' ')), tie('value'), { maxKeys: 8 }),
}));
const LIST = array(OBJECT, { maxLength: 3 });
const DEFINITION = record({ data: LIST, dataFrom: LIST, target: OBJECT, secretStoreRef: VALUE, syncWindows: VALUE });
const STORE = tuple(constantFrom(...providerKinds.map(({ name }) => name)), OBJECT, LIST).map(
  ([name, block, conditions]) => ({ provider: { [name]: block }, conditions }),
);
const CLUSTER_DEFINITION = record({
  externalSecretSpec: DEFINITION,
  externalSecretMetadata: VALUE,
  namespaceSelectors: LIST,
  namespaces: VALUE,
});
const SPECS = {
  ExternalSecret: oneof(VALUE, DEFINITION, DEFINITION),
  ClusterExternalSecret: oneof(VALUE, CLUSTER_DEFINITION, CLUSTER_DEFINITION),
  SecretStore: oneof(VALUE, STORE, STORE),
  ClusterSecretStore: oneof(VALUE, STORE, STORE),
} as const satisfies Record<ValidatedKind, Arbitrary<unknown>>;

describe('createValidateObject, of anything', () => {
  it.each(VALIDATED_KINDS)('finds words for every %s, and never fails', async (kind) => {
    const config = parseConfig(JSON.stringify({ stores: { claimUnclassed: true } }));
    const { log, lines } = captureLog();
    const validate = createValidateObject({
      definitions: {
        config,
        stores: { get: () => undefined },
        namespaces: { get: () => undefined, isOptedIn: () => true },
        loadChecker: async () => ({ check: () => undefined }),
      },
      stores: { providerKinds, limitsFor: createLimitsFor(config), claim: config.stores },
      log,
    });

    await assert(
      asyncProperty(SPECS[kind], async (spec) => {
        const decision = await validate(
          {
            uid: 'u-1',
            operation: 'CREATE',
            kind: { group: 'external-secrets.io', version: 'v1', kind },
            namespace: 'payments',
            object: { metadata: { name: 'db' }, spec: JSON.parse(JSON.stringify(spec ?? null)) as unknown },
          },
          CALL,
        );

        expect(decision.warnings).not.toContain('Latchkey could not check this object (request u-1)');
      }),
      { numRuns: 200 },
    );
    expect(lines).toEqual([]);
  });
});
