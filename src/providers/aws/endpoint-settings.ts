import type { Fields } from '../../fields.ts';
import { endpointProblem } from '../endpoints.ts';
import type { ProviderLimits } from '../provider.ts';
import type { Partition } from './partitions.ts';

/** Where requests go. Stores cannot name an address: it follows from the region, or from the operator. */
export interface Endpoints {
  /** Of the store's service. */
  readonly service: string;
  /** Of STS in the store's region. */
  readonly sts: string;
  /** Of STS for `eks.amazonaws.com/sts-regional-endpoints: "false"`. */
  readonly globalSts: string;
}

interface Place {
  readonly service: 'SecretsManager' | 'ParameterStore';
  readonly region: string;
  readonly partition: Partition;
  readonly usesSts: boolean;
}

/** As AWS names its services in `AWS_ENDPOINT_URL_…` and in hosts. */
const HOSTS = { SecretsManager: 'secretsmanager', ParameterStore: 'ssm' } as const;

/** Without a block nothing is checked: what no region is, makes no host either. */
export function readEndpoints(block: Fields | undefined, place: Place, limits: ProviderLimits): Endpoints {
  const { service, region, partition, usesSts } = place;
  const { endpointUrls = {} } = limits;
  const own = (name: string) => endpointUrls[name] ?? `https://${name}.${region}.${partition.domain}`;
  const sts = own('sts');
  const endpoints: Endpoints = {
    service: own(HOSTS[service]),
    sts,
    // The other partitions have no global STS.
    globalSts: endpointUrls['sts'] ?? (partition.name === 'aws' ? 'https://sts.amazonaws.com' : sts),
  };

  if (block === undefined) return endpoints;
  const hosts = new Set([endpoints.service, ...(usesSts ? [sts] : [])].map(hostOf));
  for (const host of hosts) {
    const problem = endpointProblem('aws', host, limits.endpoints);
    if (problem !== undefined) block.problem('region', problem);
  }
  return endpoints;
}

/** The host name of an endpoint, without its port. */
export function hostOf(endpoint: string): string {
  return new URL(endpoint).hostname;
}
