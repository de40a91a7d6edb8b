import * as z from 'zod';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { awsEndpointUrls, type Environment } from './aws-environment.ts';
import { parseDurationMs } from './duration.ts';
import { LatchkeyError } from './errors.ts';

const MEBIBYTE = 1024 * 1024;
const MAX_PORT = 65_535;

/** A Go duration such as `60s` or `1h30m`, kept in milliseconds. */
function duration(fallback: string, min: string, max: string) {
  const [least, most] = [parseDurationMs(min) ?? 0, parseDurationMs(max) ?? 0];
  const error = `must be a duration from ${min} to ${max}, such as "${fallback}"`;
  return z
    .string({ error })
    .refine(
      (text) => {
        const ms = parseDurationMs(text);
        return ms !== undefined && ms >= least && ms <= most;
      },
      { error },
    )
    .default(fallback)
    .describe(`A Go duration from ${min} to ${max}`);
}

function integer(fallback: number, min: number, max: number) {
  return z
    .int({ error: `must be a whole number from ${min} to ${max}, such as ${fallback}` })
    .min(min)
    .max(max)
    .default(fallback);
}

function texts(example: string, fallback: readonly string[] = []) {
  return z
    .array(z.string().min(1, { error: `must not be empty; write one such as "${example}"` }))
    .default([...fallback]);
}

const KUBERNETES_NAME = z
  .string()
  .regex(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, { error: 'must be a Kubernetes name, such as "latchkey"' });

const HOST_PORT = z
  .string()
  .regex(/^(\[[0-9a-f:]+\]|[^:\s]*):\d{1,5}$/, { error: 'must be an address and port, such as "0.0.0.0:8443"' })
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= MAX_PORT, {
    error: `must name a port up to ${MAX_PORT}`,
  });

const server = z.strictObject({
  listen: HOST_PORT.default('0.0.0.0:8443'),
  metricsListen: HOST_PORT.default('0.0.0.0:9090'),
  deadlineMargin: duration('500ms', '50ms', '5s').describe(
    'Taken off the timeout that the API server sends, so that our answer arrives in time',
  ),
  drain: duration('10s', '0s', '120s').describe('How long a stopping process keeps serving after it reports not ready'),
  accessLog: z.boolean().default(true),
});

const tls = z.strictObject({
  mode: z.enum(['self-signed', 'files'], { error: 'must be self-signed or files' }).default('self-signed'),
  serviceName: KUBERNETES_NAME.default('latchkey-webhook'),
  caSecretName: KUBERNETES_NAME.default('latchkey-ca'),
  extraNames: texts('webhook.example.com').describe(
    'Further DNS names or IP addresses in the certificate, for clientConfig.url',
  ),
  caLifetime: duration('8760h', '2m', '87600h').describe(
    'A new authority is made at two thirds of it; the last third must hold rotationSpread and half a minute',
  ),
  leafLifetime: duration('24h', '1m', '8760h'),
  rotationSpread: duration('60s', '1s', '1h').describe(
    'How long API servers and replicas get to follow a new certificate authority or path token before it is used',
  ),
  certFile: z.string().min(1).optional(),
  keyFile: z.string().min(1).optional(),
});

const webhook = z.strictObject({
  configurationName: KUBERNETES_NAME.default('latchkey'),
  pathTokenSecretName: KUBERNETES_NAME.default('latchkey-path-token'),
  pathTokenLifetime: duration('168h', '10s', '8760h'),
  coldFillsPerNamespace: integer(64, 1, 10_000).describe(
    'Pods of one namespace whose values are fetched at the same time; more are refused as BUSY',
  ),
  ownerCacheTtl: duration('30s', '1s', '10m'),
});

const audiences = z.strictObject({
  aws: texts('sts.amazonaws.com', ['sts.amazonaws.com']),
  gcpsm: texts('PROJECT.svc.id.goog'),
  azurekv: texts('api://AzureADTokenExchange', ['api://AzureADTokenExchange']),
  vault: texts('vault', ['vault']),
  kubernetes: texts('https://other-cluster.example.com'),
});

const endpoints = z.strictObject({
  aws: texts('*.amazonaws.com'),
  gcpsm: texts('*.googleapis.com'),
  azurekv: texts('*.vault.azure.net'),
  vault: texts('vault.example.com'),
  kubernetes: texts('api.example.com'),
  webhook: texts('secrets.example.com'),
});

const ENDPOINT_URL = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL, such as "https://sts.example.com"' })
  .optional();

/** By service, as the cloud names them. */
const endpointUrls = z.strictObject({
  aws: z
    .strictObject({ sts: ENDPOINT_URL, secretsmanager: ENDPOINT_URL, ssm: ENDPOINT_URL })
    .prefault({})
    .describe('What it leaves out, AWS_ENDPOINT_URL_STS and so on say, where they are set'),
  gcpsm: z
    .strictObject({
      sts: ENDPOINT_URL,
      iamcredentials: ENDPOINT_URL,
      oauth2: ENDPOINT_URL,
      secretmanager: ENDPOINT_URL.describe('Also of regional secrets'),
    })
    .prefault({}),
  azurekv: z
    .strictObject({
      authority: z
        .url({ protocol: /^https$/, error: 'must be an https URL, such as "https://login.example.com"' })
        .optional()
        .describe('Microsoft Entra'),
      imds: ENDPOINT_URL.describe("The node's metadata service; without it no store may use authType: ManagedIdentity"),
    })
    .prefault({}),
});

const identity = z.strictObject({
  audiences: audiences.prefault({}).describe('Token audiences by provider kind; also rendered into the token fence'),
  endpoints: endpoints.prefault({}).describe('Hosts that tokens may be sent to, by provider kind; empty means any'),
  endpointUrls: endpointUrls
    .prefault({})
    .describe(
      "Where a cloud's services are reached instead of at its own addresses: private endpoints, other universes",
    ),
  tokenLifetime: duration('3600s', '600s', '3600s'),
});

const stores = z.strictObject({
  controllerClass: z
    .string()
    .min(1)
    .default('latchkey')
    .describe('Our name in spec.controller of stores and ExternalSecrets'),
  claimUnclassed: z
    .boolean()
    .default(false)
    .describe('Whether stores without spec.controller get their status from us'),
  defaultStore: z
    .string()
    .regex(/^(cluster\/)?[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, { error: 'must be NAME or cluster/NAME' })
    .optional(),
  revalidateEvery: duration('5m', '10s', '24h'),
});

const resolve = z.strictObject({
  cacheTtl: duration('60s', '0s', '1h'),
  cacheMaxBytes: integer(64 * MEBIBYTE, MEBIBYTE, 4096 * MEBIBYTE),
  maxResponseBytes: integer(4 * MEBIBYTE, 64 * 1024, 64 * MEBIBYTE),
  concurrencyPerStore: integer(16, 1, 256),
  callTimeout: duration('8s', '100ms', '30s'),
  circuit: z.strictObject({ failures: integer(5, 1, 1000), open: duration('5s', '100ms', '5m') }).prefault({}),
});

const delivery = z.strictObject({
  allowed: z
    .array(z.enum(['secret'], { error: 'must be secret' }))
    .min(1)
    .default(['secret']),
  leaseDuration: duration('15m', '30s', '24h').describe('How long a Secret without an owner waits for its Pod'),
  staleIfError: z.boolean().default(true),
});

const controller = z.strictObject({
  leaseName: KUBERNETES_NAME.default('latchkey-controller'),
  concurrency: integer(8, 1, 256),
});

const externalSecrets = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether ExternalSecrets and ClusterExternalSecrets are carried out'),
  namespaces: z
    .enum(['optedIn', 'all'], { error: 'must be optedIn or all' })
    .default('optedIn')
    .describe(
      'Where ExternalSecrets are synced: in namespaces that opted in, or, as with External Secrets, everywhere',
    ),
  concurrency: integer(32, 1, 256).describe('ExternalSecrets that are synced at the same time'),
  driftCheckInterval: duration('1m', '5s', '24h').describe(
    'How often it is checked that a Secret is as it was written: without the right to read Secrets they cannot be watched',
  ),
});

const configSchema = z.strictObject({
  namespace: KUBERNETES_NAME.default('latchkey-system').describe("Latchkey's own namespace"),
  server: server.prefault({}),
  tls: tls.prefault({}),
  webhook: webhook.prefault({}),
  identity: identity.prefault({}),
  stores: stores.prefault({}),
  resolve: resolve.prefault({}),
  delivery: delivery.prefault({}),
  controller: controller.prefault({}),
  externalSecrets: externalSecrets.prefault({}),
});

export type Config = Readonly<z.output<typeof configSchema>>;

/**
 * Reads the configuration file's text; the environment adds AWS's own variables for endpoints.
 * Throws CONFIG_INVALID naming every mistake with its path, one a line in `problems`.
 */
export function parseConfig(text: string, environment: Environment = {}): Config {
  const outcome = configSchema.safeParse(readYaml(text) ?? {});
  if (!outcome.success) throw invalid(outcome.error.issues.flatMap(describeIssue));
  const problems = checkTogether(outcome.data);
  if (problems.length > 0) throw invalid(problems);
  return Object.freeze(withEnvironment(outcome.data, environment));
}

/** Whether `server.listen` may be this. */
export function isListenAddress(text: string): boolean {
  return HOST_PORT.safeParse(text).success;
}

/** A configuration duration in milliseconds; its text was checked by the schema. */
export function durationMs(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new LatchkeyError('CONFIG_INVALID', 'a duration was not checked');
  return ms;
}

/** JSON Schema (draft 7, which Helm reads) of the file, for editors and for the chart's `values.config`. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' });
}

function withEnvironment(config: Config, environment: Environment): Config {
  const { endpointUrls: urls } = config.identity;
  const aws = { ...awsEndpointUrls(environment), ...urls.aws };
  return { ...config, identity: { ...config.identity, endpointUrls: { ...urls, aws } } };
}

function readYaml(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    const at = error instanceof YAMLParseError ? error.linePos?.[0] : undefined;
    throw invalid([at === undefined ? 'is no YAML' : `line ${at.line}, column ${at.col}: is no YAML`]);
  }
}

/** Controller and replicas look every ten seconds: until a new authority is made, until it signs, until they use it. */
const LOOKS_MS = 30_000;

function checkTogether(config: Config): readonly string[] {
  return config.tls.mode === 'files' ? checkFiles(config) : checkLifetimes(config);
}

function checkFiles(config: Config): readonly string[] {
  return (['certFile', 'keyFile'] as const)
    .filter((name) => config.tls[name] === undefined)
    .map(
      (name) =>
        `tls.${name}: is required with tls.mode: files, such as "/certs/tls.${name === 'keyFile' ? 'key' : 'crt'}"`,
    );
}

/** An authority must not expire before the next one signs. */
function checkLifetimes({ tls: { caLifetime, rotationSpread } }: Config): readonly string[] {
  const leastMs = 3 * (durationMs(rotationSpread) + LOOKS_MS);
  if (durationMs(caLifetime) >= leastMs) return [];
  return [`tls.caLifetime: must be at least ${Math.ceil(leastMs / 1000)}s with tls.rotationSpread: ${rotationSpread}`];
}

function describeIssue(issue: z.core.$ZodIssue): readonly string[] {
  const path = issue.path.map(String).join('.');
  if (issue.code !== 'unrecognized_keys') return [`${path || 'the file'}: ${issue.message}`];
  return issue.keys.map(
    (key) => `${path === '' ? key : `${path}.${key}`}: is no setting; remove it or correct its spelling`,
  );
}

function invalid(problems: readonly string[]): LatchkeyError {
  return new LatchkeyError(
    'CONFIG_INVALID',
    `the configuration has ${problems.length} mistake(s): ${problems.join('; ')}`,
    {
      hint: 'Correct the file; docs/configuration.md lists every setting',
    },
  );
}
