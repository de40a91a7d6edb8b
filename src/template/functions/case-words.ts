import { lowerRune, upperRune } from './rune-case.ts';

// How sprig's snakecase, kebabcase and camelcase find words (the package huandu/xstrings). All on JavaScript's text.

/** Letters that are neither upper case nor one of the common Chinese characters, which form no words with others. */
const SMALL = String.raw`[\p{L}--\p{Lu}--[\u3400-\u4d85\u4e00-\u9fcc\u{20000}-\u{2b81d}]]`;
const UPPER = String.raw`\p{Lu}+(?=\p{Lu}${SMALL})|\p{Lu}${SMALL}+|\p{Lu}+`;
const OTHER = String.raw`[^\-_\p{White_Space}\p{P}\p{N}\p{Lu}${SMALL}]+`;

/**
 * A number takes the small letters after it (`2xx`); another word takes the number after it (`Bld4`), unless that has
 * letters of its own. `HTTPServer` is two words.
 */
const WORD = String.raw`\p{N}[\p{N}${SMALL}]*|(?:${UPPER}|${SMALL}+|${OTHER})(?:\p{N}+(?![\p{N}${SMALL}]))?`;
const PARTS = new RegExp(
  String.raw`(?<connectors>[\-_\p{White_Space}]+)|(?<punctuation>\p{P}+)|(?<word>${WORD})`,
  'gv',
);

/** `HTTPServer` as `http_server`: lower case, the connector between words and for each connector that was there. */
export function joinWords(text: string, connector: '_' | '-'): string {
  let joined = '';
  let isAfterWord = false;
  for (const { groups = {} } of text.matchAll(PARTS)) {
    const { connectors, punctuation, word } = groups;
    if (isAfterWord && word !== undefined) joined += connector;
    joined += connector.repeat(connectors?.length ?? 0) + (punctuation ?? '') + lower(word ?? '');
    isAfterWord = word !== undefined;
  }
  return joined;
}

/** `http_server` as `HttpServer`. Connectors at the ends stay, and so do all but one of several between words. */
export function pascalCase(text: string): string {
  const [leading = ''] = /^[\-_\p{White_Space}]*/v.exec(text) ?? [];
  // A text of connectors only ends twice.
  if (leading === text) return text + (text.at(-1) ?? '');
  const words = text.slice(leading.length).split(/[\-_\p{White_Space}](?=[^\-_\p{White_Space}])/v);
  return leading + words.map(capitalize).join('');
}

/** Upper case letters right after a first one become lower case. */
function capitalize(word: string): string {
  const [, first = '', uppers = '', rest = ''] = /^(.)((?<=\p{Lu})\p{Lu}*)?(.*)$/sv.exec(word) ?? [];
  return upperRune(first) + lower(uppers) + rest;
}

function lower(word: string): string {
  return word.replaceAll(/\p{Lu}/gv, lowerRune);
}
