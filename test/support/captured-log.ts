import { pino } from 'pino';
import { describeError, type Log } from '../../src/log.ts';

export interface CapturedLog {
  readonly log: Log;
  readonly lines: readonly Record<string, unknown>[];
  /** Everything that was written, to search for what must not be in it. */
  text(): string;
}

export function captureLog(): CapturedLog {
  const written: string[] = [];
  const options = { level: 'trace', base: null, serializers: { err: describeError } };
  return {
    log: pino(options, { write: (line: string) => void written.push(line) }),
    get lines() {
      return written.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    text: () => written.join(''),
  };
}
