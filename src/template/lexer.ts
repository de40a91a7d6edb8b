import { quoteText } from './go-quoted.ts';
import { keywordOf, type Token, type TokenType } from './token.ts';

const LEFT = '{{';
const RIGHT = '}}';
const SPACE = /[ \t\r\n]/;
const WORD = /[_\p{L}\p{Nd}]/u;
const TERMINATORS = '.,|:)(';

/** Cuts a template into tokens by Go's rules. An error is the last token, and says what Go says. */
export class Lexer {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #parenDepth = 0;
  #state: 'text' | 'action' | 'end' = 'text';
  /** Where the action began whose left delimiter is the next token. */
  #delimiter = false;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    for (;;) {
      const token = this.#lex();
      if (token !== undefined) return token;
    }
  }

  /** A comment is no token. */
  #lex(): Token | undefined {
    if (this.#state === 'end') return this.#token('eof', this.#at);
    return this.#state === 'text' ? this.#lexText() : this.#lexAction();
  }

  #lexText(): Token | undefined {
    if (this.#delimiter) return this.#lexLeftDelim();
    const start = this.#at;
    const found = this.#text.indexOf(LEFT, start);
    if (found < 0) {
      this.#at = this.#text.length;
      this.#state = 'end';
      return this.#at > start ? this.#take('text', start) : this.#token('eof', start);
    }
    const isTrimmed = hasTrimMarker(this.#text, found + LEFT.length);
    const text = this.#text.slice(start, found);
    const kept = isTrimmed ? trimEnd(text) : text;
    const line = this.#line;
    this.#line += countLines(text);
    this.#at = found;
    this.#delimiter = true;
    return kept === '' ? this.#lexLeftDelim() : { type: 'text', at: start, text: kept, line };
  }

  #lexLeftDelim(): Token | undefined {
    this.#delimiter = false;
    const start = this.#at;
    const marker = hasTrimMarker(this.#text, start + LEFT.length) ? 2 : 0;
    if (this.#text.startsWith('/*', start + LEFT.length + marker)) {
      this.#line += countLines(this.#text.slice(start, start + LEFT.length + marker)); // of the marker
      return this.#lexComment(start + LEFT.length + marker);
    }
    this.#at = start + LEFT.length;
    const token = this.#token('leftDelim', start, LEFT);
    this.#line += countLines(this.#text.slice(this.#at, this.#at + marker));
    this.#at += marker;
    this.#parenDepth = 0;
    this.#state = 'action';
    return token;
  }

  #lexComment(start: number): Token | undefined {
    this.#at = start;
    const end = this.#text.indexOf('*/', start);
    if (end < 0) return this.#error('unclosed comment', start);
    const after = end + 2;
    const isTrimmed = isRightTrimMarker(this.#text, after);
    const close = after + (isTrimmed ? 2 : 0);
    if (!this.#text.startsWith(RIGHT, close)) return this.#error('comment ends before closing delimiter', start);
    const stop = close + RIGHT.length;
    this.#line += countLines(this.#text.slice(start, stop));
    this.#at = stop;
    if (isTrimmed) this.#skipSpace();
    this.#state = 'text';
    return undefined;
  }

  #lexAction(): Token {
    const start = this.#at;
    const trim = isRightTrimMarker(this.#text, start) && this.#text.startsWith(RIGHT, start + 2);
    if (trim || this.#text.startsWith(RIGHT, start)) {
      if (this.#parenDepth > 0) return this.#error('unclosed left paren', start);
      return this.#lexRightDelim(start, trim);
    }
    const rune = this.#rune(start);
    if (rune === '') return this.#error('unclosed action', start);
    if (SPACE.test(rune)) return this.#lexSpace(start);
    if (WORD.test(rune) && !/[0-9]/.test(rune)) return this.#lexIdentifier(start);
    this.#at += rune.length;
    switch (rune) {
      case '=':
        return this.#take('assign', start);
      case ':':
        if (this.#text[this.#at] !== '=') return this.#error('expected :=', start);
        this.#at += 1;
        return this.#take('declare', start);
      case '|':
        return this.#take('pipe', start);
      case '"':
        return this.#lexQuoted('"', 'string', 'unterminated quoted string', start);
      case "'":
        return this.#lexQuoted("'", 'charConstant', 'unterminated character constant', start);
      case '`':
        return this.#lexRaw(start);
      case '$':
        return this.#lexName('variable', start);
      case '(':
        this.#parenDepth += 1;
        return this.#take('leftParen', start);
      case ')':
        this.#parenDepth -= 1;
        if (this.#parenDepth < 0) return this.#error('unexpected right paren', start);
        return this.#take('rightParen', start);
    }
    if (rune === '.' && /[^0-9]/.test(this.#text[this.#at] ?? '')) return this.#lexName('field', start);
    if (/[-+.0-9]/.test(rune)) return this.#lexNumber(start);
    if (/^[\x20-\x7e]$/.test(rune)) return this.#take('char', start);
    return this.#error(`unrecognized character in action: ${describeRune(rune)}`, start);
  }

  #lexRightDelim(start: number, trim: boolean): Token {
    const from = start + (trim ? 2 : 0);
    this.#line += countLines(this.#text.slice(start, from));
    this.#at = from + RIGHT.length;
    const token = this.#token('rightDelim', from, RIGHT);
    if (trim) this.#skipSpace();
    this.#state = 'text';
    return token;
  }

  /** A space before a trim marker belongs to the delimiter. */
  #lexSpace(start: number): Token {
    while (SPACE.test(this.#text[this.#at] ?? '')) this.#at += 1;
    if (isRightTrimMarker(this.#text, this.#at - 1) && this.#text.startsWith(RIGHT, this.#at + 1)) {
      this.#at -= 1;
      if (this.#at === start) return this.#lexRightDelim(start, true);
    }
    return this.#take('space', start);
  }

  #lexIdentifier(start: number): Token {
    this.#skipWord();
    if (!this.#isAtTerminator()) return this.#error(`bad character ${describeRune(this.#rune(this.#at))}`, start);
    const word = this.#text.slice(start, this.#at);
    const type = word === 'true' || word === 'false' ? 'bool' : 'identifier';
    return this.#take(keywordOf(word) ?? type, start);
  }

  /** `.name` or `$name`, or the bare mark. */
  #lexName(type: 'field' | 'variable', start: number): Token {
    if (this.#isAtTerminator()) return this.#take(type === 'field' ? 'dot' : 'variable', start);
    this.#skipWord();
    if (!this.#isAtTerminator()) return this.#error(`bad character ${describeRune(this.#rune(this.#at))}`, start);
    return this.#take(type, start);
  }

  #lexQuoted(quote: string, type: TokenType, unterminated: string, start: number): Token {
    for (;;) {
      const character = this.#text[this.#at];
      const next = this.#text[this.#at + 1];
      if (character === undefined || character === '\n') return this.#error(unterminated, start);
      if (character === '\\' && (next === undefined || next === '\n')) return this.#error(unterminated, start);
      this.#at += character === '\\' ? 2 : 1;
      if (character === quote) return this.#take(type, start);
    }
  }

  #lexRaw(start: number): Token {
    const end = this.#text.indexOf('`', this.#at);
    if (end < 0) return this.#error('unterminated raw quoted string', start);
    this.#at = end + 1;
    return this.#take('rawString', start);
  }

  #lexNumber(start: number): Token {
    this.#at = start;
    let isGood = this.#skipNumber();
    // A sign goes on with the imaginary part of a complex number.
    if (isGood && /[-+]/.test(this.#text[this.#at] ?? ''))
      isGood = this.#skipNumber() && this.#text[this.#at - 1] === 'i';
    if (isGood) return this.#take('number', start);
    return this.#error(`bad number syntax: ${quoteText(this.#text.slice(start, this.#at))}`, start);
  }

  /** Anything that may be a number; the parser looks closer. False where a letter goes on. */
  #skipNumber(): boolean {
    const number =
      /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;
    number.lastIndex = this.#at;
    number.test(this.#text);
    this.#at = number.lastIndex;
    const after = this.#rune(this.#at);
    if (after === '' || !WORD.test(after)) return true;
    this.#at += after.length;
    return false;
  }

  #skipWord(): void {
    for (let rune = this.#rune(this.#at); rune !== '' && WORD.test(rune); rune = this.#rune(this.#at))
      this.#at += rune.length;
  }

  #skipSpace(): void {
    while (SPACE.test(this.#text[this.#at] ?? '')) {
      if (this.#text[this.#at] === '\n') this.#line += 1;
      this.#at += 1;
    }
  }

  #isAtTerminator(): boolean {
    const character = this.#text[this.#at];
    if (character === undefined || SPACE.test(character) || TERMINATORS.includes(character)) return true;
    return this.#text.startsWith(RIGHT, this.#at);
  }

  #rune(at: number): string {
    const code = this.#text.codePointAt(at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #take(type: TokenType, start: number): Token {
    const token = this.#token(type, start, this.#text.slice(start, this.#at));
    this.#line += countLines(token.text);
    return token;
  }

  #token(type: TokenType, at: number, text = ''): Token {
    return { type, at, text, line: this.#line };
  }

  #error(message: string, at: number): Token {
    this.#at = this.#text.length;
    this.#state = 'end';
    return this.#token('error', at, message);
  }
}

/** `{{- `: a minus, then space. */
function hasTrimMarker(text: string, at: number): boolean {
  return text[at] === '-' && SPACE.test(text[at + 1] ?? '');
}

/** ` -}}`: space, then a minus. */
function isRightTrimMarker(text: string, at: number): boolean {
  return SPACE.test(text[at] ?? '') && text[at + 1] === '-';
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && SPACE.test(text[end - 1] ?? '')) end -= 1;
  return text.slice(0, end);
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** Go's %#U. */
function describeRune(rune: string): string {
  if (rune === '') return 'U+FFFFFFFFFFFFFFFF';
  const hex = (rune.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(rune) ? `U+${hex} '${rune}'` : `U+${hex}`;
}
