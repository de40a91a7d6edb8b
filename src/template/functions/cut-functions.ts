import { TemplateError } from '../template-error.ts';
import type { Evaluation, FunctionTable, TemplateFunction } from '../template-function.ts';
import { encodeUtf8 } from '../utf8.ts';
import { abbreviate } from './abbreviate.ts';
import { integerAt, spendBytes, textAt } from './arguments.ts';
import { decodeRunes, runeAt, runeBefore } from './runes.ts';

const trimAll: TemplateFunction = {
  params: ['string', 'string'],
  call(args, evaluation) {
    const cutset = decodeRunes(textAt(args, 0));
    evaluation.spend(cutset.length);
    const runes = new Set(Array.from(cutset));
    return trimRunes(textAt(args, 1), (rune) => runes.has(rune), evaluation);
  },
};

/** Sprig's functions that leave parts of a text out. Positions and widths count bytes. */
export const CUT_FUNCTIONS: FunctionTable = {
  trim: {
    params: ['string'],
    call: (args, evaluation) => trimRunes(textAt(args, 0), isSpace, evaluation),
  },
  trimAll,
  trimall: trimAll,
  trimPrefix: ofTwo((prefix, text) => (text.startsWith(prefix) ? text.slice(prefix.length) : text)),
  trimSuffix: ofTwo((suffix, text) => (text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text)),
  nospace: ofBytes((text) => {
    const kept = text.replaceAll(/[\t-\r \x85\xa0]/g, '');
    return kept.length === text.length ? text : encodeUtf8(kept);
  }),
  initials: ofBytes((text) => encodeUtf8((text.match(/(?<![^\t-\r \x85\xa0])[^\t-\r \x85\xa0]/g) ?? []).join(''))),
  trunc: {
    params: ['int', 'string'],
    call(args) {
      const [count, text] = [integerAt(args, 0), textAt(args, 1)];
      if (count < 0) return text.length + count > 0 ? text.slice(count) : text;
      return text.slice(0, count);
    },
  },
  substr: {
    params: ['int', 'int', 'string'],
    call(args) {
      const [start, end, text] = [integerAt(args, 0), integerAt(args, 1), textAt(args, 2)];
      if (start < 0) return slice(text, 0, end);
      return slice(text, start, end < 0 || end > text.length ? text.length : end);
    },
  },
  abbrev: {
    params: ['int', 'string'],
    call(args) {
      const [width, text] = [integerAt(args, 0), textAt(args, 1)];
      return width < 4 ? text : abbreviate(text, 0, width);
    },
  },
  abbrevboth: {
    params: ['int', 'int', 'string'],
    call(args) {
      const [left, right, text] = [integerAt(args, 0), integerAt(args, 1), textAt(args, 2)];
      return right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right);
    },
  },
};

function ofTwo(cut: (part: string, text: string) => string): TemplateFunction {
  return { params: ['string', 'string'], call: (args) => cut(textAt(args, 0), textAt(args, 1)) };
}

/** Goutils takes each byte for a rune of its own: what it makes of a letter beyond ASCII is not that letter. */
function ofBytes(cut: (text: string) => string): TemplateFunction {
  return {
    params: ['string'],
    call(args, evaluation) {
      spendBytes(evaluation, textAt(args, 0).length);
      return cut(textAt(args, 0));
    },
  };
}

function isSpace(rune: string): boolean {
  return /\p{White_Space}/v.test(rune);
}

/** Bytes that are no UTF-8 stay; a cutset that has such a byte takes every such byte. */
function trimRunes(text: string, isCut: (rune: string) => boolean, evaluation: Evaluation): string {
  let start = 0;
  let end = text.length;
  for (let rune = runeAt(text, start); start < end && isCut(decodeRunes(rune)); rune = runeAt(text, start)) {
    evaluation.spend(1);
    start += rune.length;
  }
  for (let rune = runeBefore(text, end); start < end && isCut(decodeRunes(rune)); rune = runeBefore(text, end)) {
    evaluation.spend(1);
    end -= rune.length;
  }
  return text.slice(start, end);
}

/** Go's slice expression, which must stay inside of the text. */
function slice(text: string, start: number, end: number): string {
  if (end < 0 || end > text.length || start > end) {
    throw new TemplateError('runtime error: slice bounds out of range');
  }
  return text.slice(start, end);
}
