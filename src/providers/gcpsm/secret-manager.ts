import { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import { PassThroughClient } from 'google-auth-library';
import { LatchkeyError } from '../../errors.ts';
import type { SecretValue } from '../../secret-value.ts';
import type { HttpAnswer, HttpSend } from './http.ts';
import { noAnswer } from './no-answer.ts';
import { notGoogle } from './trouble.ts';

/** Secret Manager at one address, for any number of identities: the SDK's client, with our way to the network under it. */
export interface SecretManager {
  access(name: string, asking: Asking): Promise<AccessedVersion>;
  /** Labels and annotations. */
  describe(name: string, asking: Asking): Promise<DescribedSecret>;
  list(page: PageRequest, asking: Asking): Promise<Page<DescribedSecret>>;
  /** Names of versions, newest first. */
  versions(page: PageRequest, asking: Asking): Promise<Page<string>>;
}

/** One request: as whom, until when, and what a refusal means. */
export interface Asking {
  readonly token: SecretValue;
  readonly signal: AbortSignal;
  readonly refused: (answer: HttpAnswer) => LatchkeyError;
}

export interface AccessedVersion {
  readonly name: string;
  readonly data: Uint8Array;
  /** CRC32C of the data, as Google stored it. */
  readonly checksum?: number;
}

export interface DescribedSecret {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PageRequest {
  readonly parent: string;
  readonly filter: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

export interface SecretManagerSettings {
  readonly address: string;
  readonly maxResponseBytes: number;
  readonly send: HttpSend;
}

/** Google's name for what stands beside a request. */
type CallOptions = ReturnType<typeof optionsOf>;

/** An answer that the SDK is not shown: it would print its words, and forget its headers. */
class Refusal extends Error {
  readonly answer: HttpAnswer;

  constructor(answer: HttpAnswer) {
    super('refused');
    this.answer = answer;
  }
}

const MAX_WAIT_MS = 30_000; // as for every request; the SDK would wait a minute
const MAX_CAUSES = 5; // the SDK wraps an error two or three times

export function createSecretManager({ address, maxResponseBytes, send }: SecretManagerSettings): SecretManager {
  // Google's libraries print every request and response while this is set, values too.
  delete process.env['GOOGLE_SDK_NODE_LOGGING'];
  const { hostname: host } = new URL(address);
  const client = new SecretManagerServiceClient({
    fallback: true, // REST: gRPC would neither show refusals whole nor bound them
    universeDomain: 'googleapis.com', // else the environment decides
    authClient: new PassThroughClient({
      useAuthRequestParameters: false,
      transporterOptions: { fetchImplementation: throughHttp },
    }),
  });

  return {
    async access(name, asking) {
      const [{ name: version, payload }] = await ask(asking, (options) =>
        client.accessSecretVersion({ name }, options),
      );
      const { data, dataCrc32c: checksum } = payload ?? {};
      if (!version || !(data instanceof Uint8Array)) throw notGoogle({ host, status: 200 });
      // proto3 JSON writes 64-bit numbers as text.
      return { name: version, data, ...(typeof checksum === 'string' && { checksum: Number(checksum) }) };
    },

    async describe(name, asking) {
      const [secret] = await ask(asking, (options) => client.getSecret({ name }, options));
      return toDescribed(secret);
    },

    async list(page, asking) {
      const [, , { secrets, nextPageToken }] = await ask(asking, (options) => client.listSecrets(page, options));
      return { items: (secrets ?? []).map(toDescribed), nextPageToken: nextPageToken ?? '' };
    },

    async versions(page, asking) {
      const [, , answer] = await ask(asking, (options) => client.listSecretVersions(page, options));
      const { versions, nextPageToken } = answer;
      return { items: (versions ?? []).map(({ name }) => name ?? ''), nextPageToken: nextPageToken ?? '' };
    },
  };

  async function ask<T>(asking: Asking, work: (options: CallOptions) => Promise<T>): Promise<T> {
    const { signal, refused } = asking;
    try {
      return await work(optionsOf(asking));
    } catch (thrown) {
      for (const cause of causesOf(thrown)) {
        if (cause instanceof Refusal) throw refused(cause.answer);
        if (cause instanceof LatchkeyError) throw cause;
      }
      throw signal.aborted ? noAnswer(thrown, host, signal) : notGoogle({ host, status: 200 });
    }
  }

  /** What the SDK takes for `fetch`. It names Google's own host always; the address is the operator's. */
  async function throughHttp(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    const request = {
      url: `${address}${pathname}${search}`,
      method: 'GET', // nothing here writes
      headers: Object.fromEntries(new Headers(init.headers)),
    } as const;
    const signal = init.signal ?? AbortSignal.timeout(MAX_WAIT_MS);
    const answer = await send(request, { signal, maxResponseBytes });
    if (answer.status !== 200) throw new Refusal(answer);
    return new Response(answer.body);
  }
}

/** The token goes with its own request: identities share the SDK's client and nothing else. */
function optionsOf({ token, signal }: Asking) {
  const headers = { authorization: `Bearer ${token.exposeText()}` };
  return { signal, retry: null, timeout: MAX_WAIT_MS, autoPaginate: false, otherArgs: { headers } };
}

function toDescribed({
  name,
  labels,
  annotations,
}: {
  readonly name?: string | null;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
}): DescribedSecret {
  return { name: name ?? '', labels: labels ?? {}, annotations: annotations ?? {} };
}

function* causesOf(error: unknown): Generator {
  let cause = error;
  for (let depth = 0; depth < MAX_CAUSES && cause instanceof Error; depth += 1) {
    yield cause;
    ({ cause } = cause);
  }
}
