import { type Agent as HttpAgent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface PlaneResponse<Body> {
  readonly status: number;
  /** The JSON as the type the caller names; null where the answer is no JSON. */
  readonly body: Body;
  readonly text: string;
}

interface JsonRequestOptions {
  readonly agent?: HttpAgent;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** One call over http or https; any status is an answer. node:https and not fetch, which takes no CA of ours. */
export function requestJson<Body>(
  method: string,
  url: URL,
  { agent, headers = {}, body }: JsonRequestOptions,
): Promise<PlaneResponse<Body>> {
  const call = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = call(url, { method, headers, ...(agent === undefined ? {} : { agent }) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', reject);
      response.once('end', () => {
        const isJson = response.headers['content-type']?.includes('json') ?? false;
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(isJson && text !== '' ? text : 'null'), text });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
  });
}
