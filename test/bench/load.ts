import autocannon from 'autocannon';
import { once } from 'node:events';
import { createHistogram } from 'node:perf_hooks';

export interface Load {
  readonly url: string;
  readonly ca: string;
  readonly body: Buffer;
  readonly connections: number;
  readonly seconds: number;
}

export interface Measured {
  readonly perSecond: number;
  readonly answers: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Each connection sends its next request when the last one is answered. Throws when any answer differs from the others in size. */
export async function measure({ url, ca, body, connections, seconds }: Load): Promise<Measured> {
  const microseconds = createHistogram();
  const sizes = new Set<string>();
  const headers = { 'content-type': 'application/json' };
  const startedMs = performance.now();
  const run = autocannon({ url, method: 'POST', headers, body, connections, duration: seconds, tlsOptions: { ca } });
  let lastMs = startedMs;

  run.on('response', (_client: unknown, status: number, bytes: number, milliseconds: number) => {
    lastMs = performance.now();
    microseconds.record(Math.max(1, Math.round(milliseconds * 1000)));
    sizes.add(`${status}, ${bytes} bytes`);
  });
  run.on('reqError', (error: Error) => sizes.add(error.message));
  await once(run, 'done');

  if (sizes.size !== 1) throw new Error(`answers differ: ${[...sizes].join('; ')}`);
  const answers = microseconds.count;
  return {
    answers,
    perSecond: answers / ((lastMs - startedMs) / 1000),
    p50Ms: microseconds.percentile(50) / 1000,
    p99Ms: microseconds.percentile(99) / 1000,
  };
}
