import type { FunctionTable, TemplateFunction } from '../template-function.ts';
import { encodeUtf8 } from '../utf8.ts';
import { textAt } from './arguments.ts';
import { joinWords, pascalCase } from './case-words.ts';
import { lowerRune, titleRune, upperRune } from './rune-case.ts';
import { decodeRunes, isAscii } from './runes.ts';

/** Sprig's functions that change letters. */
export const CASE_FUNCTIONS: FunctionTable = {
  upper: ofText((text) => (isAscii(text) ? text.toUpperCase() : mapRunes(text, upperRune))),
  lower: ofText((text) => (isAscii(text) ? text.toLowerCase() : mapRunes(text, lowerRune))),
  title: ofText(titleWords),
  untitle: ofText(untitleWords),
  swapcase: ofText(swapCase),
  snakecase: ofText((text) => joinWords(text, '_')),
  kebabcase: ofText((text) => joinWords(text, '-')),
  camelcase: ofText(pascalCase),
};

/** A function of one string, which it sees as JavaScript's text. */
function ofText(change: (text: string) => string): TemplateFunction {
  return {
    params: ['string'],
    call(args, evaluation) {
      const bytes = textAt(args, 0);
      evaluation.spend(bytes.length); // rune by rune
      return encodeUtf8(change(decodeRunes(bytes)));
    },
  };
}

function mapRunes(text: string, map: (rune: string) => string): string {
  return Array.from(text, map).join('');
}

/** Go's strings.Title: a word begins after white space and after ASCII that is neither letter, digit nor underscore. */
function titleWords(text: string): string {
  return text.replaceAll(/(?<=^|[\p{ASCII}--[a-zA-Z0-9_]]|\p{White_Space})./gsv, titleRune);
}

function untitleWords(text: string): string {
  return text.replaceAll(/(?<=^|\p{White_Space})\P{White_Space}/gv, lowerRune);
}

function swapCase(text: string): string {
  let isStart = true;
  return mapRunes(text, (rune) => {
    if (/[\p{Lu}\p{Lt}]/v.test(rune)) {
      isStart = false;
      return lowerRune(rune);
    }
    if (/\p{Ll}/v.test(rune)) {
      const swapped = isStart ? titleRune(rune) : upperRune(rune);
      isStart = false;
      return swapped;
    }
    isStart = /\p{White_Space}/v.test(rune);
    return rune;
  });
}
