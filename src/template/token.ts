import { quoteText } from './go-quoted.ts';
import type { Position } from './node.ts';

export type TokenType =
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'assign'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | 'dot'
  | Keyword;

export type Keyword =
  | 'block'
  | 'break'
  | 'continue'
  | 'define'
  | 'else'
  | 'end'
  | 'if'
  | 'nil'
  | 'range'
  | 'template'
  | 'with';

const KEYWORDS: readonly Keyword[] = [
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'with',
];

export function keywordOf(word: string): Keyword | undefined {
  return KEYWORDS.find((keyword) => keyword === word);
}

/** `text` is that of the template; of an error, the message. */
export interface Token {
  readonly type: TokenType;
  readonly at: Position;
  readonly text: string;
  readonly line: number;
}

/** As Go's messages name it. */
export function printToken({ type, text }: Token): string {
  if (type === 'eof') return 'EOF';
  if (type === 'error') return text;
  if (type === 'dot' || keywordOf(type) !== undefined) return `<${text}>`;
  return Buffer.byteLength(text, 'utf8') > 10
    ? `${quoteText(Array.from(text).slice(0, 10).join(''))}...`
    : quoteText(text);
}
