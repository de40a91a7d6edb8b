import { randomBytes } from 'node:crypto';
import type { ErrorCode } from '../../src/errors.ts';
import { refuse } from '../support/loopback-aws-sts.ts';
import type { ProviderServer } from '../support/provider-server.ts';
import type { Clouds } from './clouds.ts';

/** A way in which all clouds fail at once. */
export interface Outage {
  readonly title: string;
  /** What Pods are refused with. */
  readonly code: ErrorCode;
  readonly begin: (clouds: Clouds) => Promise<void>;
  readonly end: (clouds: Clouds) => Promise<void>;
}

/** Longer than any call may take. */
const SLOW_MS = 20_000;
/** Below `resolve.maxResponseBytes`, so that all of it is read. */
const GARBAGE_BYTES = 3 * 1024 * 1024;

export const OUTAGES: readonly Outage[] = [
  {
    title: 'throttles',
    code: 'PROVIDER_THROTTLED',
    begin: async ({ aws, google, azure }) => {
      aws.interrupt(({ headers }) =>
        headers['x-amz-target'] === undefined
          ? refuse(400, 'Throttling', 'Rate exceeded')
          : { status: 400, body: { __type: 'ThrottlingException', message: 'Rate exceeded' } },
      );
      google.interrupt({
        status: 429,
        body: { error: { code: 429, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED' } },
      });
      azure.interrupt({
        status: 429,
        headers: { 'Retry-After': '10' },
        body: {
          error: { code: 'Throttled', message: 'Request was not processed because too many requests were received' },
        },
      });
    },
    end: (clouds) => inEach(clouds, (cloud) => cloud.interrupt(undefined)),
  },
  {
    title: 'is slow',
    code: 'PROVIDER_TIMEOUT',
    begin: (clouds) => inEach(clouds, (cloud) => cloud.slowDown(SLOW_MS)),
    end: (clouds) => inEach(clouds, (cloud) => cloud.slowDown(0)),
  },
  {
    title: 'is down',
    code: 'PROVIDER_UNAVAILABLE',
    begin: (clouds) => inEach(clouds, (cloud) => cloud.goDown()),
    end: (clouds) => inEach(clouds, (cloud) => cloud.comeBack()),
  },
  {
    title: 'answers garbage',
    code: 'PROVIDER_UNAVAILABLE',
    begin: (clouds) => inEach(clouds, (cloud) => cloud.interrupt({ status: 200, body: randomBytes(GARBAGE_BYTES) })),
    end: (clouds) => inEach(clouds, (cloud) => cloud.interrupt(undefined)),
  },
  {
    title: 'has an expired certificate',
    code: 'PROVIDER_UNAVAILABLE',
    begin: (clouds) => inEach(clouds, (cloud) => cloud.present(clouds.certificates.expired)),
    end: (clouds) => inEach(clouds, (cloud) => cloud.present(clouds.certificates.valid)),
  },
];

async function inEach(
  { aws, google, azure }: Clouds,
  work: (cloud: ProviderServer) => Promise<void> | void,
): Promise<void> {
  await Promise.all([aws, google, azure].map(async (cloud) => work(cloud)));
}
