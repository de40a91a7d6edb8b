import { configJsonSchema } from '../src/config.ts';
import { isMapping } from '../src/fields.ts';
import { LOG_LEVELS } from '../src/log.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Settings of the configuration file that the chart decides: they are names of objects that it renders. */
export const CHART_DECIDES = [
  ['namespace'],
  ['tls', 'serviceName'],
  ['tls', 'caSecretName'],
  ['webhook', 'configurationName'],
  ['webhook', 'pathTokenSecretName'],
  ['controller', 'leaseName'],
] as const;

/** JSON Schema of the chart's values. Unknown values are refused everywhere except inside of Kubernetes' own types. */
export function valuesSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: "Values of Latchkey's chart",
    ...strict({
      image: strict({ repository: TEXT, tag: STRING, digest: DIGEST, pullPolicy: PULL_POLICY }),
      imagePullSecrets: list(OBJECT),
      crds: strict({ install: BOOLEAN }),
      nameOverride: STRING,
      fullnameOverride: STRING,
      config: configValues(),
      logLevel: { enum: LOG_LEVELS },
      webhook: strict({
        ...PROCESS,
        timeoutSeconds: { type: 'integer', minimum: 1, maximum: 30 },
        url: { type: 'string', pattern: '^(https://[^/?#@]+/?)?$' },
        annotations: TEXTS,
      }),
      controller: strict(PROCESS),
      serviceAccounts: strict({ annotations: TEXTS }),
      rbac: strict({ aggregate: BOOLEAN }),
      storeCredentials: strict({ cluster: BOOLEAN, items: list(CREDENTIAL) }),
      podLabels: TEXTS,
      podAnnotations: TEXTS,
      podSecurityContext: OBJECT,
      securityContext: OBJECT,
      extraEnv: list(OBJECT),
      extraVolumes: list(OBJECT),
      extraVolumeMounts: list(OBJECT),
      nodeSelector: TEXTS,
      tolerations: list(OBJECT),
      affinity: OBJECT,
      priorityClassName: STRING,
      terminationGracePeriodSeconds: { type: 'integer', minimum: 10 },
      podDisruptionBudget: strict({ enabled: BOOLEAN, maxUnavailable: { type: ['integer', 'string'] } }),
      networkPolicy: strict({ enabled: BOOLEAN, metricsFrom: list(OBJECT), egress: list(OBJECT) }),
      serviceMonitor: strict({ enabled: BOOLEAN, interval: TEXT, labels: TEXTS }),
      // Helm puts them there when the chart is a dependency of another.
      global: OBJECT,
    }),
  };
}

const STRING = { type: 'string' };
const TEXT = { type: 'string', minLength: 1 };
const BOOLEAN = { type: 'boolean' };
const OBJECT = { type: 'object' };
const TEXTS = { type: 'object', additionalProperties: STRING };
const DIGEST = { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' };
const PULL_POLICY = { enum: ['Always', 'IfNotPresent', 'Never'] };
const PROCESS = { replicas: { type: 'integer', minimum: 0 }, resources: OBJECT, extraArgs: list(STRING) };
const CREDENTIAL = {
  ...strict({ namespace: TEXT, kind: { enum: ['Secret', 'ConfigMap'] }, name: TEXT }),
  required: ['namespace', 'kind', 'name'],
};

function strict(properties: Schema): Schema {
  return { type: 'object', additionalProperties: false, properties };
}

function list(items: Schema): Schema {
  return { type: 'array', items };
}

/** The configuration file's schema, less what the chart decides. */
function configValues(): Schema {
  const { $schema: _, ...schema } = configJsonSchema();
  for (const path of CHART_DECIDES) {
    const name = path.at(-1) ?? '';
    delete propertiesAt(schema, path.slice(0, -1))[name];
  }
  // The token fence is rendered from them: what is not listed here would be allowed by one and refused by the other.
  const audiences = propertiesAt(schema, ['identity'])['audiences'];
  if (!isMapping(audiences)) throw new TypeError('the configuration has no identity.audiences');
  propertiesAt(schema, ['identity'])['audiences'] = {
    ...audiences,
    required: Object.keys(propertiesAt(schema, ['identity', 'audiences'])),
  };
  return schema;
}

/** The properties of the object schema at a path, to be changed. */
function propertiesAt(schema: unknown, path: readonly string[]): Record<string, unknown> {
  const properties = isMapping(schema) ? schema['properties'] : undefined;
  if (!isMapping(properties)) throw new TypeError('the configuration has no such object');
  const [name, ...rest] = path;
  return name === undefined ? properties : propertiesAt(properties[name], rest);
}
