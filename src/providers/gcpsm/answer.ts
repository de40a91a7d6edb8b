import { isMapping } from '../../fields.ts';
import type { HttpAnswer } from './http.ts';

/** What an answer of Google's that is no success says. Its words decide, and are never shown. */
export interface Complaint {
  /** `PERMISSION_DENIED`, or an OAuth error such as `invalid_grant`. */
  readonly status: string;
  /** `SERVICE_DISABLED` and the like, where Google tells more. */
  readonly reason: string;
  readonly message: string;
  /** The API and the project that the reason is about, where Google names them. */
  readonly service?: string;
  readonly project?: string;
  /** How long Google asks to wait. */
  readonly retryDelayMs?: number;
}

// The only words of Google's that are shown, and they can hold nothing else.
const SERVICE = /^[a-z]{1,40}\.googleapis\.com$/;
const CONSUMER = /^projects\/([a-z0-9][a-z0-9.:-]{0,80})$/;

/** Google's two forms of an error: that of its APIs, and that of OAuth. Undefined where the answer is in neither. */
export function complaintOf(answer: HttpAnswer): Complaint | undefined {
  const body = jsonOf(answer);
  const error = isMapping(body) ? body['error'] : undefined;
  if (typeof error === 'string') return { status: error, reason: '', message: '' };
  if (!isMapping(error) || typeof error['code'] !== 'number') return undefined;

  const details: readonly unknown[] = Array.isArray(error['details']) ? error['details'] : [];
  const reasons = details.map((detail) => textOf(detail, 'reason'));
  const delays = details.map((detail) => seconds(textOf(detail, 'retryDelay')));
  const retryDelayMs = delays.find((delay) => delay !== undefined);
  const metadata = details.map((detail) => (isMapping(detail) ? detail['metadata'] : undefined)).find(isMapping);
  const [service] = SERVICE.exec(textOf(metadata, 'service')) ?? [];
  const [, project] = CONSUMER.exec(textOf(metadata, 'consumer')) ?? [];
  return {
    status: textOf(error, 'status'),
    reason: reasons.find((reason) => reason !== '') ?? '',
    message: textOf(error, 'message'),
    ...(service !== undefined && { service }),
    ...(project !== undefined && { project }),
    ...(retryDelayMs !== undefined && { retryDelayMs }),
  };
}

/** A successful answer's JSON object; undefined where it is none. */
export function objectOf(answer: HttpAnswer): Readonly<Record<string, unknown>> | undefined {
  const body = jsonOf(answer);
  return answer.status === 200 && isMapping(body) ? body : undefined;
}

function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}

function textOf(value: unknown, name: string): string {
  const text = isMapping(value) ? value[name] : undefined;
  return typeof text === 'string' ? text : '';
}

/** A duration as JSON writes it: `26s`, `1.5s`. */
function seconds(text: string): number | undefined {
  const [, number] = /^(\d{1,6}(?:\.\d{1,9})?)s$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * 1000;
}
