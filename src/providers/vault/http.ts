import { createHttp, type TlsSettings } from '../http.ts';
import { parseJson } from '../json.ts';

export interface HttpRequest {
  readonly uri: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfterMs?: number;
  /** Parsed, numbers as JsonNumber; undefined where the body is no JSON. */
  readonly body: unknown;
}

export type HttpSend = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

export interface VaultHttpSettings {
  readonly host: string;
  readonly tls: TlsSettings;
  readonly maxResponseBytes: number;
}

/** JSON to and from one Vault. */
export function createVaultHttp({ host, tls, maxResponseBytes }: VaultHttpSettings): {
  send: HttpSend;
  close(): Promise<void>;
} {
  const block = 'spec.provider.vault';
  const peer = { name: 'Vault', host, addressField: `${block}.server`, caField: `${block}.caBundle` };
  const http = createHttp({ peer, tls, maxResponseBytes });

  return {
    async send({ uri, method, headers, payload }, signal) {
      const request =
        payload === undefined
          ? { url: uri, method, headers }
          : { url: uri, method, headers: { ...headers, 'Content-Type': 'application/json' }, body: payload };
      const { body, ...answer } = await http.send(request, signal);
      return { ...answer, body: jsonOrNothing(Buffer.from(body).toString('utf8')) };
    },
    close: () => http.close(),
  };
}

function jsonOrNothing(text: string): unknown {
  try {
    return text === '' ? undefined : parseJson(text);
  } catch {
    return undefined;
  }
}
