import { parse as parseYaml } from 'yaml';
import { LatchkeyError } from '../../errors.ts';
import { Fields } from '../../fields.ts';
import { toPem } from '../certificates.ts';
import { endpointProblem } from '../endpoints.ts';
import { parseServer } from './settings.ts';

/** What the current context of a kubeconfig says. */
export interface Kubeconfig {
  readonly server: URL;
  readonly ca?: string;
  readonly servername?: string;
  readonly credential:
    | { readonly kind: 'token'; readonly token: string }
    | { readonly kind: 'certificate'; readonly cert: string; readonly key: string };
}

const CLUSTER_NOT_SUPPORTED: Readonly<Record<string, string>> = {
  'certificate-authority': 'names a file; embed it as certificate-authority-data',
  'insecure-skip-tls-verify': 'is not supported: certificates are always verified',
  'proxy-url': 'is not supported',
};
const USER_NOT_SUPPORTED: Readonly<Record<string, string>> = {
  exec: 'is not supported: Latchkey runs no programs; use a token or a client certificate',
  'auth-provider': 'is not supported; use a token or a client certificate',
  tokenFile: 'names a file; embed it as token',
  'client-certificate': 'names a file; embed it as client-certificate-data',
  'client-key': 'names a file; embed it as client-key-data',
  username: 'is not supported; use a token or a client certificate',
  password: 'is not supported; use a token or a client certificate',
  as: 'is not supported: use credentials of that user',
};

/** Reads a kubeconfig that stands for itself: no files, no programs. Throws STORE_INVALID, or ENDPOINT_NOT_ALLOWED. */
export function parseKubeconfig(text: string, where: string, endpoints: readonly string[]): Kubeconfig {
  const root = Fields.of(parse(text), 'kubeconfig');
  const context = pick(root, 'contexts', root.text('current-context'), 'context');
  const cluster = pick(root, 'clusters', context.text('cluster'), 'cluster');
  const user = pick(root, 'users', context.text('user'), 'user');
  refuse(cluster, CLUSTER_NOT_SUPPORTED);
  refuse(user, USER_NOT_SUPPORTED);

  const server = parseServer(cluster.text('server', { example: 'https://api.example.com:6443' }));
  if (typeof server === 'string') cluster.problem('server', server);
  const ca = readPem(cluster, 'certificate-authority-data');
  const servername = cluster.optionalText('tls-server-name');
  const credential = readCredential(user);
  if (typeof server === 'string' || root.problems.length > 0) {
    const mistakes = root.problems.map(({ path, message }) => `${path}: ${message}`);
    throw new LatchkeyError('STORE_INVALID', `${where} is no usable kubeconfig: ${mistakes.slice(0, 5).join('; ')}`, {
      hint: 'Correct it; credentials and certificates must be embedded',
    });
  }

  const problem = endpointProblem('kubernetes', server.hostname, endpoints);
  if (problem !== undefined) {
    throw new LatchkeyError('ENDPOINT_NOT_ALLOWED', `${where} names a cluster that may not be asked: ${problem}`, {
      hint: "Add the host to identity.endpoints.kubernetes in Latchkey's configuration, or correct the kubeconfig",
    });
  }
  return { server, ...(ca !== undefined && { ca }), ...(servername !== undefined && { servername }), credential };
}

/** A parser's message may quote the text. */
function parse(text: string): unknown {
  try {
    return parseYaml(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The entry of that name in one of a kubeconfig's lists of `{ name, <field>: … }`. */
function pick(root: Fields, list: string, name: string, field: string): Fields {
  const found = root.list(list).find((entry) => entry.raw('name') === name);
  if (found === undefined) root.problem(list, 'lacks the entry that is current');
  return found?.object(field) ?? Fields.of({}, `kubeconfig.${list}`);
}

function refuse(fields: Fields, notSupported: Readonly<Record<string, string>>): void {
  for (const [name, message] of Object.entries(notSupported)) {
    if (fields.has(name) && fields.raw(name) !== false) fields.problem(name, message);
  }
}

function readCredential(user: Fields): Kubeconfig['credential'] {
  const token = user.optionalText('token');
  if (token !== undefined) return { kind: 'token', token: token.trim() };
  const cert = readPem(user, 'client-certificate-data');
  const key = user.optionalText('client-key-data');
  if (cert === undefined || key === undefined) {
    user.problem('', 'needs a token, or client-certificate-data and client-key-data');
  }
  return { kind: 'certificate', cert: cert ?? '', key: decode(key ?? '') };
}

function readPem(fields: Fields, name: string): string | undefined {
  const data = fields.optionalText(name);
  const pem = data === undefined ? undefined : toPem(decode(data));
  if (data !== undefined && pem === undefined) fields.problem(name, 'must be PEM certificates in base64');
  return pem;
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
