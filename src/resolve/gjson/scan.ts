import type { Budget } from './budget.ts';
import type { Value } from './value.ts';

/** One `"key": value` of an object; `key` is the source text between the quotes, escapes and all. */
export interface Member {
  readonly key: string;
  readonly value: Value;
}

const KEY_OR_END = /["}]/g;
const VALUE = /["{[tfn+\-0-9iIN]/g;
const VALUE_OR_END = /["{[tfn+\-0-9iIN\]]/g;
const NUMBER_END = /[\0- ,\]}]/g;
const LITERAL_END = /[^a-z]/g;

/**
 * The members of the object that opens at `open`. Nothing is validated: a document that was cut off still gives what it
 * has. `undefined` comes last where a string never ends, for then nothing more can be said about the object.
 */
export function* members(json: string, open: number, budget: Budget): Generator<Member | undefined, void> {
  let at = open + 1;
  while (true) {
    const quote = find(KEY_OR_END, json, at);
    if (quote === -1 || json[quote] === '}') return;
    const keyEnd = endOfString(json, quote);
    const start = keyEnd === -1 ? -1 : find(VALUE, json, keyEnd);
    const value = start === -1 ? undefined : valueAt(json, start);
    if (value === undefined) {
      yield undefined;
      return;
    }
    const end = start + value.raw.length;
    budget.spend(end - at);
    at = end;
    yield { key: json.slice(quote + 1, keyEnd - 1), value };
  }
}

/** The elements of an array, read from `from` up to its bracket or the end of the text; `undefined` as in `members`. */
export function* elements(json: string, from: number, budget: Budget): Generator<Value | undefined, void> {
  let at = from;
  while (true) {
    const start = find(VALUE_OR_END, json, at);
    if (start === -1 || json[start] === ']') return;
    const value = valueAt(json, start);
    if (value === undefined) {
      yield undefined;
      return;
    }
    const end = start + value.raw.length;
    budget.spend(end - at);
    at = end;
    yield value;
  }
}

/** The value that starts exactly at `at`; none where it is a string without an end. */
export function valueAt(json: string, at: number): Value | undefined {
  switch (json.charAt(at)) {
    case '"': {
      const end = endOfString(json, at);
      return end === -1 ? undefined : { kind: 'string', raw: json.slice(at, end) };
    }
    case '{':
    case '[':
      return { kind: 'container', raw: json.slice(at, endOfContainer(json, at)) };
    case 't':
      return { kind: 'true', raw: upTo(LITERAL_END, json, at) };
    case 'f':
      return { kind: 'false', raw: upTo(LITERAL_END, json, at) };
    case 'n':
      // gjson reads NaN too, and tells it from null by the second letter
      if (json[at + 1] === 'u' || at + 1 === json.length) return { kind: 'null', raw: upTo(LITERAL_END, json, at) };
      return { kind: 'number', raw: upTo(NUMBER_END, json, at) };
    default:
      return { kind: 'number', raw: upTo(NUMBER_END, json, at) };
  }
}

/** The index after the quote that closes the string opened at `open`, or -1. */
export function endOfString(json: string, open: number): number {
  let close = json.indexOf('"', open + 1);
  while (close !== -1 && isEscaped(json, close, open)) close = json.indexOf('"', close + 1);
  return close === -1 ? -1 : close + 1;
}

/** The index after the bracket that closes the one at `open`, or the end of a text that was cut off. Kinds of brackets are not told apart. */
export function endOfContainer(json: string, open: number): number {
  let depth = 1;
  for (let at = open + 1; at < json.length; at += 1) {
    switch (json.charCodeAt(at)) {
      case 0x22: {
        const end = endOfString(json, at);
        if (end === -1) return json.length;
        at = end - 1;
        break;
      }
      case 0x28:
      case 0x5b:
      case 0x7b:
        depth += 1;
        break;
      case 0x29:
      case 0x5d:
      case 0x7d:
        depth -= 1;
        if (depth === 0) return at + 1;
        break;
      default:
    }
  }
  return json.length;
}

function isEscaped(json: string, at: number, open: number): boolean {
  let slash = at - 1;
  while (slash > open && json.charCodeAt(slash) === 0x5c) slash -= 1;
  return (at - slash) % 2 === 0;
}

function upTo(end: RegExp, json: string, at: number): string {
  const stop = find(end, json, at + 1);
  return stop === -1 ? json.slice(at) : json.slice(at, stop);
}

function find(pattern: RegExp, json: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(json)?.index ?? -1;
}
