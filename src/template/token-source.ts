import type { Lexer } from './lexer.ts';
import { shorten } from './shorten.ts';
import { TemplateError } from './template-error.ts';
import { printToken, type Token, type TokenType } from './token.ts';

/**
 * Tokens with up to three of them put back, as Go's parser has them: its error messages give the line of the last one read.
 * Each template that another defines has a source of its own over the same lexer.
 */
export class TokenSource {
  readonly #lexer: Lexer;
  readonly #name: string;
  readonly #buffer: Token[];
  #count = 0;
  /** Where the action began that is being parsed; 0 outside of one. */
  actionLine = 0;

  constructor(name: string, lexer: Lexer) {
    this.#name = name;
    this.#lexer = lexer;
    const none: Token = { type: 'eof', at: 0, text: '', line: 1 };
    this.#buffer = [none, none, none];
  }

  /** For a template inside of this one. None of this one's tokens may be put back. */
  inner(): TokenSource {
    return new TokenSource(this.#name, this.#lexer);
  }

  next(): Token {
    if (this.#count > 0) this.#count -= 1;
    else this.#buffer[0] = this.#lexer.next();
    return this.#held(this.#count);
  }

  peek(): Token {
    if (this.#count > 0) return this.#held(this.#count - 1);
    this.#count = 1;
    this.#buffer[0] = this.#lexer.next();
    return this.#held(0);
  }

  nextNonSpace(): Token {
    let token = this.next();
    while (token.type === 'space') token = this.next();
    return token;
  }

  peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.backup();
    return token;
  }

  backup(): void {
    this.#count += 1;
  }

  /** Before the one that was read last. */
  backup2(token: Token): void {
    this.#buffer[1] = token;
    this.#count = 2;
  }

  backup3(first: Token, second: Token): void {
    this.#buffer[1] = second;
    this.#buffer[2] = first;
    this.#count = 3;
  }

  expect(type: TokenType, context: string): Token {
    const token = this.nextNonSpace();
    if (token.type !== type) this.unexpected(token, context);
    return token;
  }

  unexpected(token: Token, context: string): never {
    if (token.type !== 'error') this.fail(`unexpected ${printToken(token)} in ${context}`);
    const isElsewhere = this.actionLine !== 0 && this.actionLine !== token.line;
    const place = isElsewhere ? ` in action started at ${this.#name}:${this.actionLine}` : '';
    this.fail(token.text + (token.text.endsWith(' action') ? place.slice(' in action'.length) : place));
  }

  fail(message: string): never {
    throw new TemplateError(`template: ${this.#name}:${this.#held(0).line}: ${shorten(message)}`);
  }

  #held(index: number): Token {
    return this.#buffer[index] ?? { type: 'eof', at: 0, text: '', line: 1 };
  }
}
