import { LatchkeyError } from '../../errors.ts';
import { SecretValue } from '../../secret-value.ts';
import type { Http, HttpAnswer, HttpRequest } from '../http.ts';
import { isJsonObject, JsonNumber, parseJson, plainNumber, toGoJson } from '../json.ts';
import type { Call, Fetched, RemoteRef, SecretsClient } from '../provider.ts';
import { fromAnswer, isValue, notJson, notThere, type Scene } from './errors.ts';
import { queryEscape } from './escape.ts';
import { type JsonPath, parseJsonPath, select } from './json-path.ts';
import { credentialKey, type WebhookSettings } from './settings.ts';
import { type Operand, render, type Template } from './template.ts';
import { renderUrl } from './url.ts';

export interface WebhookReader {
  readonly settings: WebhookSettings;
  /** By credentialKey. */
  readonly credentials: ReadonlyMap<string, SecretValue>;
  readonly http: Http;
  readonly scene: Scene;
  readonly expiresAt: Date;
}

const HEADER_VALUE = /^[\t\u0020-\u007e]*$/;

/** One request for each read, made of the store's templates. */
export function createClient({ settings, credentials, http, scene, expiresAt }: WebhookReader): SecretsClient {
  const { url, method, headers, body, jsonPath, timeoutMs } = settings;

  async function read(ref: RemoteRef, call: Call): Promise<Fetched> {
    if (ref.metadata === true) {
      throw new LatchkeyError('REF_INVALID', 'a webhook has no metadata', { hint: 'Leave out metadataPolicy: Fetch' });
    }
    const path = readPath(ref);
    const answer = await http.send(toRequest(ref), signalOf(call));
    if (!isValue(answer)) throw fromAnswer(answer, ref.key, scene);
    const value = path === undefined ? new SecretValue(answer.body) : pick(answer, path);
    return { value, ...(ref.version !== undefined && { version: ref.version }) };
  }

  function toRequest(ref: RemoteRef): HttpRequest {
    const plain = (operand: Operand) => valueOf(operand, ref);
    const sent = [...headers].map(([name, template]) => [name, headerValue(name, template, plain)] as const);
    return {
      url: renderUrl(url, (operand) => (operand.kind === 'reference' ? queryEscape(plain(operand)) : plain(operand))),
      method,
      headers: Object.fromEntries(sent),
      ...(body !== undefined && { body: render(body, plain) }),
    };
  }

  function valueOf(operand: Operand, ref: RemoteRef): string {
    switch (operand.kind) {
      case 'text':
        return operand.text;
      case 'reference':
        return ref[operand.field] ?? '';
      case 'secret':
        return credentials.get(credentialKey(operand))?.exposeText() ?? '';
    }
  }

  function readPath(ref: RemoteRef): { readonly text: string; readonly steps: JsonPath } | undefined {
    const text = jsonPath === undefined ? '' : render(jsonPath, (operand) => valueOf(operand, ref)).trim();
    if (text === '') return undefined;
    const steps = parseJsonPath(text);
    if (steps !== undefined) return { text: describePath(ref), steps };
    throw new LatchkeyError('REF_INVALID', 'the key or property makes no JSON path of result.jsonPath', {
      hint: 'Write names and indexes alone; wildcards and filters are not supported',
    });
  }

  /** For messages: what a Secret adds to the path stays out. */
  function describePath(ref: RemoteRef): string {
    return render(jsonPath ?? [], (operand) => (operand.kind === 'secret' ? '…' : valueOf(operand, ref)));
  }

  function pick(answer: HttpAnswer, { text, steps }: { readonly text: string; readonly steps: JsonPath }): SecretValue {
    const found = toText(select(parse(answer), steps));
    if (found === undefined) throw notThere(text, scene);
    return SecretValue.fromText(found);
  }

  function parse(answer: HttpAnswer): unknown {
    try {
      return parseJson(Buffer.from(answer.body).toString('utf8'));
    } catch {
      throw notJson(answer, scene);
    }
  }

  function signalOf({ signal }: Call): AbortSignal {
    return timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  }

  return { expiresAt, read, close: () => http.close() };
}

/** As External Secrets makes text of a result: a list stands for its first item, an object for its JSON. */
function toText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return toText(value[0]);
  if (value instanceof JsonNumber) return plainNumber(value);
  return isJsonObject(value) || typeof value === 'boolean' ? toGoJson(value) : undefined;
}

function headerValue(name: string, template: Template, valueOf: (operand: Operand) => string): string {
  const value = render(template, valueOf).trim();
  if (HEADER_VALUE.test(value)) return value;
  throw new LatchkeyError('REF_INVALID', `the header ${name} would hold a line break or other characters than ASCII`, {
    hint: 'Correct the key, or the Secret that the header uses: a line end there goes away with | trim',
  });
}
