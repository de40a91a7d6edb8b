import type { ProviderRequest } from '../support/provider-server.ts';
import type { Clouds, CloudStore } from './clouds.ts';

/** Where the requests of each fake begin to count. */
export type TrafficMark = Readonly<Record<Cloud, number>>;
type Cloud = 'aws' | 'google' | 'azure';

export function markTraffic({ aws, google, azure }: Clouds): TrafficMark {
  return { aws: aws.requests.length, google: google.requests.length, azure: azure.requests.length };
}

const CLOUDS = { sm: 'aws', ssm: 'aws', google: 'google', azure: 'azure' } as const satisfies Record<CloudStore, Cloud>;

const READS: Readonly<Record<CloudStore, (request: ProviderRequest) => boolean>> = {
  sm: ({ headers }) => headers['x-amz-target']?.startsWith('secretsmanager.') ?? false,
  ssm: ({ headers }) => headers['x-amz-target']?.startsWith('AmazonSSM.') ?? false,
  google: ({ path }) => path.startsWith('/secretmanager/'),
  azure: ({ path }) => path.startsWith('/secrets/'),
};

/** Reads of one kind of store, by the login that they were made with. */
export function readsByLogin(clouds: Clouds, store: CloudStore, mark: TrafficMark): readonly number[] {
  const reads = requestsSince(clouds, CLOUDS[store], mark).filter(READS[store]);
  return [...Map.groupBy(reads, credentialOf).values()].map(({ length }) => length);
}

/** Logins at one cloud. Both services of AWS share the one STS. */
export function loginsAt(clouds: Clouds, cloud: Cloud, mark: TrafficMark): number {
  const isRead = (request: ProviderRequest) => Object.values(READS).some((reads) => reads(request));
  return requestsSince(clouds, cloud, mark).filter((request) => !isRead(request)).length;
}

function requestsSince(clouds: Clouds, cloud: Cloud, mark: TrafficMark): readonly ProviderRequest[] {
  return clouds[cloud].requests.slice(mark[cloud]);
}

/** AWS's access key, the others' token. */
function credentialOf({ headers }: ProviderRequest): string {
  const authorization = headers['authorization'] ?? '';
  return /Credential=([^/]+)/.exec(authorization)?.[1] ?? authorization;
}
