import { isMapping } from '../../fields.ts';
import type { SecretValue } from '../../secret-value.ts';
import type { HttpSend } from '../http.ts';
import type { Call } from '../provider.ts';

export interface ApiRequest {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent with POST. */
  readonly body?: unknown;
  readonly accept?: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly retryAfterMs?: number;
  /** Undefined where the body is no JSON object. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export type Ask = (request: ApiRequest, call: Call) => Promise<ApiAnswer>;

/** JSON to and from one API server as one caller. `server` may have a path: proxies serve many clusters on one host. */
export function createAsk(send: HttpSend, server: URL, token: SecretValue | undefined): Ask {
  const base = server.href.replace(/\/+$/, '');

  return async ({ path, query = {}, body, accept = 'application/json' }, { signal }) => {
    const search = new URLSearchParams(query).toString();
    const answer = await send(
      {
        url: `${base}${path}${search === '' ? '' : `?${search}`}`,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          Accept: accept,
          'User-Agent': 'latchkey',
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...(token !== undefined && { Authorization: `Bearer ${token.exposeText()}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      },
      signal,
    );
    return { ...answer, body: parseObject(Buffer.from(answer.body).toString('utf8')) };
  };
}

function parseObject(text: string): ApiAnswer['body'] {
  try {
    const value: unknown = JSON.parse(text);
    return isMapping(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
