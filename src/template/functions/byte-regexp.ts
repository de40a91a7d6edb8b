import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';
import { groupIndex, parseReplacement } from '../../go-replacement.ts';
import type { Evaluation } from '../template-function.ts';
import { encodeUtf8 } from '../utf8.ts';
import { decodeRunes } from './runes.ts';

/** Where a match is, in bytes: itself first, then its groups. -1 for a group that took no part. */
type Match = readonly (readonly [start: number, end: number])[];

const MAX_LENGTH = 4096;
const COMPILE_STEPS = 500;
const compiled = new LRUCache<string, RE2JS>({ max: 100 });

/** A Go regular expression over byte strings. */
export interface ByteRegexp {
  /** Go's FindAllStringIndex: at most so many, all where the limit is negative. */
  findAll(text: string, limit: number, evaluation: Evaluation): readonly Match[];
  /** Go's ReplaceAllString; with `isLiteral`, its ReplaceAllLiteralString. */
  replaceAll(text: string, replacement: string, isLiteral: boolean, evaluation: Evaluation): string;
}

/** `undefined` for what Go would not compile, and for what is longer than any expression needs to be. */
export function compileByteRegexp(source: string, evaluation: Evaluation): ByteRegexp | undefined {
  const pattern = compile(source, evaluation);
  return (
    pattern && {
      findAll: (text, limit, spending) => [...matches(pattern, text, limit, spending)],
      replaceAll: (text, replacement, isLiteral, spending) =>
        replace(pattern, text, isLiteral ? [{ text: replacement }] : parse(replacement), spending),
    }
  );
}

function compile(source: string, evaluation: Evaluation): RE2JS | undefined {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  evaluation.spend(COMPILE_STEPS + source.length);
  const text = decodeRunes(source);
  if (source.length > MAX_LENGTH || encodeUtf8(text) !== source) return undefined;
  try {
    const pattern = RE2JS.compile(text);
    compiled.set(source, pattern);
    return pattern;
  } catch {
    return undefined; // the message would repeat the expression
  }
}

/**
 * A search may read all that is left, again and again. How much it reads cannot be seen, so the first is counted by what
 * it could cost, and each by the time that it took: a step a microsecond.
 */
function* matches(pattern: RE2JS, text: string, limit: number, evaluation: Evaluation): Generator<Match> {
  const bytes = Buffer.from(text, 'latin1');
  const matcher = pattern.matcher(bytes);
  evaluation.spend(1 + (bytes.length * pattern.programSize()) / 1024);
  const most = limit < 0 ? bytes.length + 1 : limit;
  let previousEnd = -1;
  let count = 0;
  for (let at = 0; at <= bytes.length && count < most; ) {
    const startedMs = performance.now();
    const isFound = matcher.find(at);
    evaluation.spend(1 + pattern.groupCount() + (performance.now() - startedMs) * 1000);
    if (!isFound) return;
    const start = matcher.start();
    const end = matcher.end();
    // An empty match right after another match counts for nothing.
    const isAccepted = end > at || start !== previousEnd;
    at = end > at ? end : end + runeLength(bytes, end);
    previousEnd = end;
    if (!isAccepted) continue;
    count += 1;
    yield Array.from({ length: pattern.groupCount() + 1 }, (_, group) => [matcher.start(group), matcher.end(group)]);
  }
}

function replace(pattern: RE2JS, text: string, parts: ReturnType<typeof parse>, evaluation: Evaluation): string {
  let replaced = '';
  let end = 0;
  for (const match of matches(pattern, text, -1, evaluation)) {
    const [start, stop] = match[0] ?? [0, 0];
    const pieces = parts.map((part) => ('text' in part ? part.text : groupOf(match, part.group)));
    const piece = pieces.join('');
    evaluation.spend(pieces.length + piece.length / 64);
    replaced += text.slice(end, start) + piece;
    end = stop;
  }
  return replaced + text.slice(end);

  function groupOf(match: Match, name: string): string {
    const [start, stop] = match[groupIndex(name, pattern.namedGroups(), pattern.groupCount()) ?? -1] ?? [-1, -1];
    return start < 0 ? '' : text.slice(start, stop);
  }
}

/** The names of groups are text, all else is bytes. */
function parse(replacement: string): ReturnType<typeof parseReplacement> {
  if (!replacement.includes('$')) return [{ text: replacement }];
  return parseReplacement(decodeRunes(replacement)).map((part) =>
    'text' in part ? { text: encodeUtf8(part.text) } : part,
  );
}

/** One byte where it is no UTF-8, or the end. */
function runeLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0xc2 || first > 0xf4) return 1;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const rune = bytes.subarray(at, at + size);
  return rune.length === size && rune.every((byte, index) => index === 0 || (byte & 0xc0) === 0x80) ? size : 1;
}
