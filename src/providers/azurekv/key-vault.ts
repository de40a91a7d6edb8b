import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { SecretClient, type SecretClientOptions, type SecretProperties } from '@azure/keyvault-secrets';
import { LatchkeyError } from '../../errors.ts';
import { demandsClaims, objectOf } from './answer.ts';
import { type Cloud, isOwnVault, scopeOf } from './clouds.ts';
import { type Credential, toSignal } from './credential.ts';
import { fromAnswer } from './errors.ts';
import type { HttpAnswer, HttpSend } from './http.ts';
import { noAnswer } from './no-answer.ts';
import type { Scene, Step } from './scene.ts';
import { notAzure } from './trouble.ts';

/** One vault, asked by one identity. */
export interface KeyVault {
  secret(name: string, version: string | undefined, signal: AbortSignal): Promise<SecretBundle>;
  /** A key or a certificate, as Key Vault's REST API has it. */
  bundle(step: Exclude<Step, { kind: 'list' }>, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>>;
  /** Every secret without its value, page by page. */
  list(signal: AbortSignal): AsyncIterable<readonly SecretProperties[]>;
}

export interface SecretBundle {
  readonly value: string;
  readonly version: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface KeyVaultSettings {
  readonly vaultUrl: string;
  readonly cloud: Cloud;
  readonly scene: Scene;
  readonly credential: Credential;
  readonly send: HttpSend;
  readonly maxResponseBytes: number;
}

type SendRequest = NonNullable<SecretClientOptions['httpClient']>['sendRequest'];

const API_VERSION = '7.4'; // sovereign clouds and Azure Stack get newer ones late
const PATHS = { key: 'keys', certificate: 'certificates', secret: 'secrets' } as const;
const PAGE_SIZE = 25; // the largest that Key Vault takes

/** An answer that the SDK is not shown: it would put its words into an error. */
class Refusal extends Error {
  readonly answer: HttpAnswer;

  constructor(answer: HttpAnswer) {
    super('refused');
    this.answer = answer;
  }
}

/** Secrets come through Microsoft's SDK; it has no keys and certificates, which are the same API, asked here. */
export function createKeyVault({
  vaultUrl,
  cloud,
  scene,
  credential,
  send,
  maxResponseBytes,
}: KeyVaultSettings): KeyVault {
  const { host } = scene;
  const secrets = createSdkClient();

  return {
    async secret(name, version, signal) {
      const options = { abortSignal: signal, ...(version !== undefined && { version }) };
      const { value, properties } = await ask({ kind: 'secret', name, version }, signal, () =>
        secrets.getSecret(name, options),
      );
      if (typeof value !== 'string') throw notAzure({ host, status: 200 });
      return { value, version: properties.version, tags: properties.tags ?? {} };
    },

    async bundle(step, signal) {
      const { token } = await credential.getToken(scopeOf(cloud), { abortSignal: signal });
      const path = [PATHS[step.kind], step.name, ...(step.version === undefined ? [] : [step.version])].join('/');
      const answer = await send(
        {
          url: `${vaultUrl}/${path}?api-version=${API_VERSION}`,
          method: 'GET',
          headers: { Accept: 'application/json', Authorization: `Bearer ${token}` },
        },
        { signal, maxResponseBytes },
      );
      if (answer.status !== 200) throw fromAnswer(answer, step, scene);
      return objectOf(answer) ?? fail(notAzure(answer));
    },

    async *list(signal) {
      // The SDK forgets the signal after the first page; a client of its own remembers it.
      const pages = createSdkClient(signal).listPropertiesOfSecrets().byPage({ maxPageSize: PAGE_SIZE });
      while (true) {
        const page = await ask({ kind: 'list' }, signal, () => pages.next());
        if (page.done === true) return;
        yield page.value;
      }
    },
  };

  function createSdkClient(signal?: AbortSignal): SecretClient {
    return new SecretClient(vaultUrl, credential, {
      httpClient: { sendRequest: (request) => sendRequest(request, signal ?? toSignal(request.abortSignal)) },
      serviceVersion: API_VERSION,
      retryOptions: { maxRetries: 0 }, // retries are resolve/'s, which knows the deadline
      // Tokens are for the cloud's vaults whatever a challenge says; the SDK would have the host be below them by name.
      disableChallengeResourceVerification: !isOwnVault(host, cloud),
    });
  }

  async function sendRequest(request: Parameters<SendRequest>[0], signal: AbortSignal): ReturnType<SendRequest> {
    // A nextLink comes from the answer before: the token follows none to another place.
    if (new URL(request.url).origin !== vaultUrl) throw notAzure({ host, status: 200 });
    // The SDK asks without a token first, to be told what everybody knows; the answer would cost a round trip for each client.
    if (!request.headers.has('Authorization')) {
      return { request, status: 401, headers: createHttpHeaders({ 'WWW-Authenticate': challenge() }), bodyAsText: '' };
    }
    const answer = await send(
      { url: request.url, method: 'GET', headers: request.headers.toJSON() }, // nothing here writes
      { signal, maxResponseBytes },
    );
    if (answer.status === 401 && demandsClaims(answer)) {
      const headers = createHttpHeaders({ 'WWW-Authenticate': answer.challenge ?? '' });
      return { request, status: 401, headers, bodyAsText: '' };
    }
    if (answer.status !== 200) throw new Refusal(answer);
    const headers = createHttpHeaders({ 'Content-Type': 'application/json' });
    return { request, status: 200, headers, bodyAsText: Buffer.from(answer.body).toString('utf8') };
  }

  function challenge(): string {
    const tenant = scene.reader.tenantId ?? '';
    return `Bearer authorization="${cloud.authority}/${tenant}", resource="${cloud.resource}"`;
  }

  /** Turns what the SDK throws into our words. What it throws itself it threw about an answer that was not Key Vault's. */
  async function ask<T>(step: Step, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof Refusal) throw fromAnswer(thrown.answer, step, scene);
      if (thrown instanceof LatchkeyError) throw thrown;
      throw signal.aborted ? noAnswer(thrown, host, signal) : notAzure({ host, status: 200 });
    }
  }
}

function fail(error: LatchkeyError): never {
  throw error;
}
