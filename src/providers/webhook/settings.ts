import { parseDurationMs } from '../../duration.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Fields } from '../../fields.ts';
import { type CaSource, readCaSource } from '../certificates.ts';
import type { ProviderLimits, SecretKeySelector } from '../provider.ts';
import { parseJsonPath } from './json-path.ts';
import { expressionsOf, type Operand, operandsOf, parseTemplate, render, type Template } from './template.ts';
import { readUrl, type UrlTemplate } from './url.ts';

/** A store's `spec.provider.webhook`, read and checked. */
export interface WebhookSettings {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly url: UrlTemplate;
  readonly headers: ReadonlyMap<string, Template>;
  readonly body: Template | undefined;
  readonly timeoutMs: number | undefined;
  /** Absent: the whole answer is the value. */
  readonly jsonPath: Template | undefined;
  readonly ca: CaSource;
  /** The keys of Secrets that templates name, by operand. */
  readonly credentials: ReadonlyMap<string, SecretKeySelector>;
  /** Whether a template asks for the reference's property. */
  readonly usesProperty: boolean;
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** They frame the request, or choose another host behind the same address. */
const RESERVED_HEADER =
  /^(connection|content-length|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;
const SECRET_NAME = /^[A-Za-z_]\w*$/;
/** External Secrets lets webhooks present Secrets with this label alone, so that they cannot carry away any other. */
const LABEL = ['external-secrets.io/type', 'webhook'] as const;

export function readSettings(block: Fields, limits: ProviderLimits): WebhookSettings {
  const secrets = readSecrets(block);
  const names = new Set(secrets.keys());
  const all: Template[] = [];

  function parse(fields: Fields, name: string, text: string): Template {
    try {
      const template = parseTemplate(text, names);
      all.push(template);
      return template;
    } catch (error) {
      fields.problem(name, LatchkeyError.from(error).message);
      return [];
    }
  }

  function parseOptional(fields: Fields | undefined, name: string): Template | undefined {
    const text = fields?.raw(name) === '' ? undefined : fields?.optionalText(name);
    return fields === undefined || text === undefined ? undefined : parse(fields, name, text);
  }

  const url = readUrl(block, limits, (name, text) => parse(block, name, text));
  const headers = readHeaders(block, (name, text) => parse(block, `headers.${name}`, text));
  const body = parseOptional(block, 'body');
  const result = block.object('result');
  const jsonPath = parseOptional(result, 'jsonPath');
  checkJsonPath(result, jsonPath);
  if (block.object('auth') !== undefined) block.problem('auth', 'is not supported yet (ntlm); use headers and secrets');
  const operands = all.flatMap(operandsOf);
  return {
    method: block.oneOf('method', ['GET', 'POST', 'PUT', 'PATCH'], 'GET'),
    url,
    headers,
    body,
    timeoutMs: readTimeout(block),
    jsonPath,
    ca: readCaSource(block),
    credentials: credentialsOf(operands, secrets),
    usesProperty: operands.some((operand) => operand.kind === 'reference' && operand.field === 'property'),
  };
}

/** Under which an operand's credential is kept. */
export function credentialKey({ secret, key }: Extract<Operand, { readonly kind: 'secret' }>): string {
  return `${secret}.${key}`;
}

type SecretRef = Pick<SecretKeySelector, 'name' | 'namespace'>;

function readSecrets(block: Fields): ReadonlyMap<string, SecretRef> {
  const secrets = new Map<string, SecretRef>();
  for (const entry of block.list('secrets')) {
    const name = entry.text('name', { pattern: SECRET_NAME, example: 'auth' });
    if (name === 'remoteRef' || secrets.has(name)) entry.problem('name', 'must be a name of its own');
    const ref = entry.object('secretRef');
    if (ref === undefined) entry.problem('secretRef', 'is required');
    const namespace = ref?.optionalText('namespace');
    const secret = ref?.text('name', { example: 'webhook-credentials' }) ?? '';
    secrets.set(name, { name: secret, ...(namespace !== undefined && { namespace }) });
  }
  return secrets;
}

function credentialsOf(
  operands: readonly Operand[],
  secrets: ReadonlyMap<string, SecretRef>,
): ReadonlyMap<string, SecretKeySelector> {
  const credentials = new Map<string, SecretKeySelector>();
  for (const operand of operands) {
    const ref = operand.kind === 'secret' ? secrets.get(operand.secret) : undefined;
    if (operand.kind !== 'secret' || ref === undefined) continue;
    credentials.set(credentialKey(operand), { kind: 'Secret', ...ref, key: operand.key, label: LABEL });
  }
  return credentials;
}

function readHeaders(block: Fields, parse: (name: string, text: string) => Template): ReadonlyMap<string, Template> {
  const headers = new Map<string, Template>();
  for (const [name, text] of Object.entries(block.textMap('headers'))) {
    if (!HEADER_NAME.test(name)) block.problem('headers', 'must have header names such as "X-Team"');
    else if (RESERVED_HEADER.test(name)) block.problem(`headers.${name}`, 'must not be set by a store');
    else headers.set(name, parse(name, text));
  }
  return headers;
}

function readTimeout(block: Fields): number | undefined {
  const text = block.optionalText('timeout', { example: '10s' });
  if (text === undefined) return undefined;
  const ms = parseDurationMs(text);
  if (ms === undefined || ms < 1) block.problem('timeout', 'must be a duration such as "10s"');
  return ms;
}

/** One without expressions is known now; another is read when they are filled in. */
function checkJsonPath(result: Fields | undefined, jsonPath: Template | undefined): void {
  if (jsonPath === undefined || expressionsOf(jsonPath).length > 0) return;
  if (parseJsonPath(render(jsonPath, () => '').trim()) === undefined) {
    result?.problem(
      'jsonPath',
      `must be a path such as "$.data.items[0]['a b']"; wildcards and filters are not supported`,
    );
  }
}
