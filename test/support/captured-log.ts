import { pino } from 'pino';
import { isMapping } from '../../src/fields.ts';
import { describeError, type Log } from '../../src/log.ts';

export interface CapturedLog {
  readonly log: Log;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Everything that was written, to search for what must not be in it. */
  text(): string;
}

export function captureLog(): CapturedLog {
  const written: string[] = [];
  const options = { level: 'trace', base: null, serializers: { err: describeError } };
  return {
    log: pino(options, { write: (line: string) => void written.push(line) }),
    get lines() {
      return written.map((line): unknown => JSON.parse(line)).filter(isMapping);
    },
    text: () => written.join(''),
  };
}
