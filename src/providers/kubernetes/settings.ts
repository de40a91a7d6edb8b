import type { Fields } from '../../fields.ts';
import { type CaSource, readCaSource } from '../certificates.ts';
import { endpointProblem } from '../endpoints.ts';
import type { ProviderLimits } from '../provider.ts';
import { type AuthSettings, readAuth } from './auth-settings.ts';

/** A store's `spec.provider.kubernetes`, read and checked. */
export interface KubernetesSettings {
  /** A kubeconfig names its own. */
  readonly server: URL;
  readonly ca: CaSource;
  readonly namespace: string;
  readonly auth: AuthSettings;
  /** Hosts that credentials may be sent to; empty means any. */
  readonly endpoints: readonly string[];
}

const LOCAL_SERVER = 'https://kubernetes.default.svc';
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export function readSettings(block: Fields, limits: ProviderLimits): KubernetesSettings {
  const auth = readAuth(block, limits);
  const server = block.object('server');
  return {
    server: readServer(server, block, auth, limits),
    ca: server && readCaSource(server),
    namespace: block.optionalText('remoteNamespace', { pattern: NAMESPACE, example: 'prod' }) ?? 'default',
    auth,
    endpoints: limits.endpoints,
  };
}

function readServer(server: Fields | undefined, block: Fields, { method }: AuthSettings, limits: ProviderLimits): URL {
  const local = new URL(LOCAL_SERVER);
  if (method === 'kubeconfig') return local;
  const text = server?.optionalText('url', { example: 'https://api.example.com:6443' });
  if (text === undefined) {
    // Said when the store is written, where it would otherwise be a 401 for every Pod.
    if (method === 'identity' && server?.has('url') !== true) {
      const why = 'Latchkey issues no token for the API server of its own cluster';
      block.problem('server.url', `is required where a ServiceAccount's token is sent: ${why}`);
    }
    return local;
  }
  const url = parseServer(text);
  const problem = typeof url === 'string' ? url : endpointProblem('kubernetes', url.hostname, limits.endpoints);
  if (problem !== undefined) server?.problem('url', problem);
  return typeof url === 'string' ? local : url;
}

/** The address of an API server, or what is wrong with it. Without a scheme it is https, as for kubectl with a CA. */
export function parseServer(text: string): URL | string {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (url?.protocol !== 'https:') return 'must be an https URL such as "https://api.example.com:6443"';
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return 'must be an address alone, without user, query or fragment';
  }
  return url;
}
