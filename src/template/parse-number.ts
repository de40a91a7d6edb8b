import { unquoteCharacter } from './go-quote.ts';
import type { NumberNode, Position } from './node.ts';
import { TemplateError } from './template-error.ts';

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);
const MAX_UINT = 2n ** 64n - 1n;

/** A number or character constant as every type that it could be. Throws TemplateError, without an address. */
export function parseNumber(text: string, at: Position): NumberNode {
  if (text.startsWith("'")) {
    const code = unquoteCharacter(text);
    if (code === undefined)
      throw new TemplateError(text === "''" ? 'invalid syntax' : `malformed character constant: ${text}`);
    return { kind: 'number', at, text, int: BigInt(code), uint: BigInt(code), float: code };
  }
  if (text.endsWith('i')) throw new TemplateError(`complex numbers have no use here: ${JSON.stringify(text)}`);

  const whole = parseInteger(text);
  const int = whole !== undefined && whole <= MAX_INT && whole >= MIN_INT ? whole : undefined;
  // A signed text is no unsigned number, but zero is zero.
  const isUnsigned = whole !== undefined && whole >= 0n && whole <= MAX_UINT && (!/^[-+]/.test(text) || whole === 0n);
  const uint = isUnsigned ? whole : undefined;
  if (int !== undefined || uint !== undefined)
    return { kind: 'number', at, text, int, uint, float: Number(int ?? uint) };

  const float = parseFloating(text);
  if (float === undefined) throw new TemplateError(`illegal number syntax: ${JSON.stringify(text)}`);
  if (!/[.eEpP]/.test(text)) throw new TemplateError(`integer overflow: ${JSON.stringify(text)}`);
  const rounded = Number.isInteger(float) && Math.abs(float) < 2 ** 63 ? BigInt(float) : undefined;
  return {
    kind: 'number',
    at,
    text,
    int: rounded,
    uint: rounded !== undefined && rounded >= 0n ? rounded : undefined,
    float,
  };
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

function parseFloating(text: string): number | undefined {
  const [, sign = '', body = ''] = /^([-+]?)(.*)$/.exec(text) ?? [];
  const size = /^0[xX]/.test(body) ? parseHexFloat(body) : parseDecimalFloat(body);
  if (size === undefined || !Number.isFinite(size)) return undefined;
  return sign === '-' ? -size : size;
}

function parseDecimalFloat(body: string): number | undefined {
  if (body.includes('_')) return undefined; // Go takes them with a prefix only
  return /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(body) ? Number(body) : undefined;
}

function parseHexFloat(body: string): number | undefined {
  if (!hasGoodUnderscores(body)) return undefined;
  const [, whole = '', rest = '', power] =
    /^0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([-+]?[0-9]+)$/.exec(body.replaceAll('_', '')) ?? [];
  if (power === undefined || whole + rest === '' || whole.length + rest.length > 13) return undefined;
  return Number.parseInt(whole + rest, 16) * 2 ** (Number(power) - 4 * rest.length);
}

/** One between two digits, or between a prefix and a digit. */
function hasGoodUnderscores(body: string): boolean {
  if (!body.includes('_')) return true;
  const hasPrefix = /^0[xXoObB]/.test(body);
  const digits = hasPrefix ? `0${body.slice(2)}` : body;
  return /^[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*(?:[.pP].*)?$/.test(digits);
}
