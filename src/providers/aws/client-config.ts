import type { RequestHandler } from './pool.ts';

/** Keys of an AWS session. Held by the SDK's clients, which print them nowhere. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * What every client of the SDK is made with. Everything that it would else look up in the environment or in ~/.aws is
 * said here, so that neither changes how a store is read.
 */
export function clientConfig(place: { region: string; endpoint: string; requestHandler: RequestHandler }) {
  return {
    ...place,
    maxAttempts: 1, // retries are resolve/'s, which knows the deadline
    retryMode: 'standard' as const,
    defaultsMode: 'standard' as const,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    authSchemePreference: [] as string[],
    userAgentAppId: async () => undefined,
    customUserAgent: 'latchkey',
  };
}
