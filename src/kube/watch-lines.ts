import { KubeError, type WatchEvent } from './client.ts';
import { isMapping } from '../fields.ts';

const NEWLINE = 0x0a;
const EVENT_TYPES = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'] as const;

/** Splits a stream into lines. Works on bytes, so neither a line nor a character has to end where a chunk does. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxLineBytes: number): AsyncIterable<string> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      size = 0;
      start = end + 1;
      if (line.trim() !== '') yield line;
    }
    parts.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > maxLineBytes) throw new KubeError(0, 'TooLarge', `a watch event is larger than ${maxLineBytes} bytes`);
  }
  // What is left is an event that a broken connection cut off: the next watch sends it again.
}

export function parseWatchEvent(line: string): WatchEvent {
  const event = parseJson(line);
  const type = isMapping(event) ? EVENT_TYPES.find((name) => name === event['type']) : undefined;
  if (!isMapping(event) || type === undefined)
    throw new KubeError(0, 'InvalidAnswer', 'a watch event has no known type');
  return { type, object: event['object'] };
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The error of JSON.parse quotes the text.
    throw new KubeError(0, 'InvalidAnswer', 'the API server answered no JSON');
  }
}
