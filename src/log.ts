import { type Logger, pino } from 'pino';
import { LatchkeyError } from './errors.ts';

export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON lines on stdout. Write `log.error({ err }, 'static text')`; `log.error(err)` would skip the serializer. */
export function createLog(level: LogLevel): Log {
  return pino({ level, base: null, serializers: { err: describeError } });
}

/** What a log line may say about an error: our words and bare stack frames, never a foreign error's text. */
export function describeError(error: unknown) {
  const { code, fault, where, message, hint, cause } = LatchkeyError.from(error);
  return { type: code, fault, where, message, hint, cause: nameOf(cause), stack: framesOf(cause ?? error) };
}

function nameOf(cause: unknown): string | undefined {
  if (cause === undefined) return undefined;
  return cause instanceof Error ? cause.constructor.name : typeof cause;
}

function framesOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined;
  // The first lines repeat the message, which may quote a request; frames start with "at".
  return error.stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim())
    .join(' | ');
}
