import { parseFloat64 } from './functions/parse-float.ts';
import { unquoteCharacter } from './go-quote.ts';
import { quoteText } from './go-quoted.ts';
import type { NumberNode, Position } from './node.ts';
import { TemplateError } from './template-error.ts';

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);
const MAX_UINT = 2n ** 64n - 1n;
/** The least float64 takes 1077 in full. */
const MAX_LENGTH = 1100;

/** A number or character constant as every type that it could be. Throws TemplateError, without an address. */
export function parseNumber(text: string, at: Position): NumberNode {
  if (text.startsWith("'")) {
    const { code, isAlone } = unquoteCharacter(text) ?? {};
    if (code === undefined) throw new TemplateError('invalid syntax');
    if (isAlone !== true) throw new TemplateError(`malformed character constant: ${text}`);
    return { kind: 'number', at, text, int: BigInt(code), uint: BigInt(code), float: code };
  }
  if (text.length > MAX_LENGTH) throw new TemplateError(`a number of more than ${MAX_LENGTH} characters`);
  if (text.endsWith('i')) throw new TemplateError(`complex numbers have no use here: ${quoteText(text)}`);

  const whole = parseInteger(text);
  const int = within(whole, MIN_INT, MAX_INT);
  // A signed text is no unsigned number, but zero is zero.
  const uint = /^[-+]/.test(text) && whole !== 0n ? undefined : within(whole, 0n, MAX_UINT);
  if (int !== undefined || uint !== undefined)
    return { kind: 'number', at, text, int, uint, float: Number(int ?? uint) };

  const float = parseFloat64(text);
  if (float === undefined) throw new TemplateError(`illegal number syntax: ${quoteText(text)}`);
  if (!/[.eEpP]/.test(text)) throw new TemplateError(`integer overflow: ${quoteText(text)}`);
  const rounded = Number.isInteger(float) ? BigInt(float) : undefined;
  const [wholeInt, wholeUint] = [within(rounded, MIN_INT, MAX_INT), within(rounded, 0n, MAX_UINT)];
  return { kind: 'number', at, text, int: wholeInt, uint: wholeUint, float };
}

function within(value: bigint | undefined, least: bigint, most: bigint): bigint | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

/** Go's strconv.ParseInt with base 0: prefixes, a leading zero for octal, underscores between digits. */
function parseInteger(text: string): bigint | undefined {
  const [, sign = '', body = ''] = /^([-+]?)(.*)$/.exec(text) ?? [];
  if (!hasGoodUnderscores(body)) return undefined;
  const digits = body.replaceAll('_', '');
  const isOctal = /^0[0-7]+$/.test(digits);
  if (!isOctal && !/^(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/.test(digits)) return undefined;
  const size = BigInt(isOctal ? `0o${digits.slice(1)}` : digits.replace(/^0([XOB])/, (prefix) => prefix.toLowerCase()));
  return sign === '-' ? -size : size;
}

/** One between two digits, or between a prefix and a digit. */
function hasGoodUnderscores(body: string): boolean {
  if (!body.includes('_')) return true;
  const hasPrefix = /^0[xXoObB]/.test(body);
  const digits = hasPrefix ? `0${body.slice(2)}` : body;
  return /^[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*(?:[.pP].*)?$/.test(digits);
}
