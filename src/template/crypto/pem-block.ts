import { decodeGoBase64 } from './go-base64.ts';

/** One `-----BEGIN …-----` block, as Go's encoding/pem sees it. All texts are byte strings. */
export interface PemBlock {
  readonly type: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: string;
}

const BEGIN = '-----BEGIN ';
const END = '\n-----END ';
const DASHES = '-----';

/** What follows Go's rules for lines: a block begins and ends with its own line, and what is no block is passed over. */
export function decodePem(text: string): { readonly block: PemBlock | undefined; readonly rest: string } {
  let rest = text;
  for (;;) {
    const end = rest.indexOf(END);
    if (end < 0) return { block: undefined, rest: text };
    // The last BEGIN before the first END: one without an END of its own counts for nothing.
    const begin = end < BEGIN.length ? -1 : rest.lastIndexOf(BEGIN, end - BEGIN.length);
    const isLine = begin === 0 || (begin > 0 && rest[begin - 1] === '\n');
    const tail = rest.slice(end + END.length);
    const block = isLine ? readBlock(rest.slice(begin + BEGIN.length, end + 1), tail) : undefined;
    if (block !== undefined) return { block, rest: afterLine(tail) };
    rest = tail;
  }
}

/** Every block of a text. `rest` is what stands behind the last one; all of the text where there is none. */
export function decodeAllPem(text: string): { readonly blocks: readonly PemBlock[]; readonly rest: string } {
  const blocks: PemBlock[] = [];
  let next = decodePem(text);
  while (next.block !== undefined) {
    blocks.push(next.block);
    next = decodePem(next.rest);
  }
  return { blocks, rest: next.rest };
}

export function encodePem(type: string, bytes: string, headers: ReadonlyMap<string, string> = new Map()): string {
  const lines = [...headers].toSorted(byHeader).map(([key, value]) => `${key}: ${value}\n`);
  const head = lines.length === 0 ? '' : `${lines.join('')}\n`;
  const body = Buffer.from(bytes, 'latin1')
    .toString('base64')
    .replaceAll(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${type}-----\n${head}${body}-----END ${type}-----\n`;
}

/** `text` goes from behind BEGIN to the line break before END, `tail` starts behind END. */
function readBlock(text: string, tail: string): PemBlock | undefined {
  const typeLine = lineOf(text);
  if (!typeLine.endsWith(DASHES)) return undefined;
  const type = typeLine.slice(0, -DASHES.length);
  if (lineOf(tail) !== type + DASHES) return undefined;

  const headers = new Map<string, string>();
  let body = afterLine(text);
  for (let line = lineOf(body); line.includes(':'); line = lineOf(body)) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    body = afterLine(body);
  }

  // Go takes a line with a colon for a header, END too, and then misses the END.
  if (body === '' && (headers.size > 0 || type.includes(':'))) return undefined;

  const bytes = decodeGoBase64(body.replaceAll(/[ \t]/g, ''));
  return bytes === undefined ? undefined : { type, headers, bytes };
}

/** The first line without its end and without spaces before that. */
function lineOf(text: string): string {
  const lineBreak = text.indexOf('\n');
  let end = lineBreak < 0 ? text.length : lineBreak;
  while (end > 0 && ' \t\r'.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function afterLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? '' : text.slice(end + 1);
}

/** RFC 1421 wants Proc-Type first. */
function byHeader([a]: readonly [string, string], [b]: readonly [string, string]): number {
  if (a === 'Proc-Type' || b === 'Proc-Type') return a === b ? 0 : a === 'Proc-Type' ? -1 : 1;
  return a < b ? -1 : 1;
}
