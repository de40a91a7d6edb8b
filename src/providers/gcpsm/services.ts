import type { Fields } from '../../fields.ts';
import { endpointProblem } from '../endpoints.ts';
import type { ProviderLimits } from '../provider.ts';
import type { AuthSettings } from './auth-settings.ts';

/** Where Google is asked, without slashes at the end. No store chooses an address: only the operator moves them. */
export interface Services {
  readonly sts: string;
  readonly iamcredentials: string;
  readonly oauth2: string;
  readonly secretmanager: string;
}

interface Place {
  readonly location: string | undefined;
  readonly auth: AuthSettings;
}

/** Google's own domain, which an empty `identity.endpoints.gcpsm` means. */
const OWN = '*.googleapis.com';

export function readServices(block: Fields, { location, auth }: Place, limits: ProviderLimits): Services {
  const { endpointUrls = {} } = limits;
  const regional = location === undefined ? 'secretmanager' : `secretmanager.${location}.rep`;
  const services: Services = {
    sts: addressOf('sts'),
    iamcredentials: addressOf('iamcredentials'),
    oauth2: addressOf('oauth2'),
    secretmanager: addressOf('secretmanager', regional),
  };

  const used = auth.method === 'key' ? (['oauth2'] as const) : (['sts', 'iamcredentials'] as const);
  const moved = Object.values(endpointUrls).map(hostOf);
  const allowed = limits.endpoints.length === 0 ? [OWN, ...moved] : limits.endpoints;
  for (const host of new Set(['secretmanager' as const, ...used].map((name) => hostOf(services[name])))) {
    const problem = endpointProblem('gcpsm', host, allowed);
    if (problem !== undefined) block.problem('', problem);
  }
  return services;

  function addressOf(name: string, host = name): string {
    return (endpointUrls[name] ?? `https://${host}.googleapis.com`).replace(/\/+$/, '');
  }
}

function hostOf(address: string): string {
  return new URL(address).hostname;
}
