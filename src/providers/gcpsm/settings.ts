import type { Fields } from '../../fields.ts';
import type { ProviderLimits } from '../provider.ts';
import { type AuthSettings, readAuth } from './auth-settings.ts';
import { readServices, type Services } from './services.ts';

/** A store's `spec.provider.gcpsm`, read and checked. */
export interface GcpsmSettings {
  readonly project: string;
  /** Of regional secrets; absent for global ones. */
  readonly location: string | undefined;
  /** `secretVersionSelectionPolicy: LatestOrFetch`: the newest enabled version where the newest of all is not. */
  readonly skipsDisabled: boolean;
  readonly auth: AuthSettings;
  readonly services: Services;
}

const PROJECT = { pattern: /^[a-z0-9][a-z0-9.:-]*$/, example: 'acme-production' } as const;
const LOCATION = { pattern: /^[a-z]+(-[a-z]+)+\d+$/, example: 'europe-west3' } as const;

export function readSettings(block: Fields, limits: ProviderLimits): GcpsmSettings {
  const project = block.optionalText('projectID', PROJECT);
  const location = block.optionalText('location', LOCATION);
  const policy = block.oneOf('secretVersionSelectionPolicy', ['LatestOrFail', 'LatestOrFetch'], 'LatestOrFail');
  const auth = readAuth(block, project ?? '', limits);
  const clusterProject = auth.method === 'federation' ? auth.clusterProject : undefined;
  return {
    project: project ?? readProject(block, clusterProject),
    location,
    skipsDisabled: policy === 'LatestOrFetch',
    auth,
    services: readServices(block, { location, auth }, limits),
  };
}

/** As in External Secrets, the cluster's project where the store names none. */
function readProject(block: Fields, clusterProject: string | undefined): string {
  if (block.has('projectID')) return ''; // told already
  return clusterProject ?? block.text('projectID', PROJECT);
}
