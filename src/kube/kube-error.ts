import { isMapping } from '../fields.ts';
import { KubeError } from './client.ts';

const MAX_FIELDS = 3;

/** Reasons of the API server for answers that carry no Status object, such as those of a proxy in between. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/**
 * Reads a Status object. Its own message is never taken over: it may quote the object that was sent, which may be a Secret.
 * The fields it names are: in a conflict they say which one another manager owns.
 */
export function fromStatus(request: string, code: number, status: unknown, retryAfterMs?: number): KubeError {
  const reason = readReason(status) ?? REASONS[code] ?? 'Unknown';
  const fields = readFields(status);
  const about = fields.length === 0 ? '' : ` (${fields.join(', ')})`;
  return new KubeError(code, reason, `${request} answered ${code} ${reason}${about}`, retryAfterMs, fields);
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404;
}

export function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409;
}

/** What a log line may say about an error of the API server, or about any other. */
export function kubeErrorFacts(error: unknown): { readonly status?: number; readonly reason: string } {
  if (error instanceof KubeError) return { status: error.status, reason: error.reason };
  return { reason: error instanceof Error ? error.constructor.name : typeof error };
}

function readReason(status: unknown): string | undefined {
  if (!isMapping(status) || typeof status['reason'] !== 'string') return undefined;
  return /^[A-Za-z]{1,64}$/.test(status['reason']) ? status['reason'] : undefined;
}

function readFields(status: unknown): readonly string[] {
  const details = isMapping(status) ? status['details'] : undefined;
  const causes = isMapping(details) ? details['causes'] : undefined;
  if (!Array.isArray(causes)) return [];
  return causes
    .map((cause: unknown) => (isMapping(cause) ? cause['field'] : undefined))
    .filter((field) => typeof field === 'string')
    .filter((field) => /^[-.\w[\]/]{1,120}$/.test(field))
    .slice(0, MAX_FIELDS);
}
