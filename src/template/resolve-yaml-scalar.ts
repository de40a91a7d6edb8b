import { parseFloat64 } from './functions/parse-float.ts';
import { parseInteger } from './functions/parse-integer.ts';
import { parseTime } from './functions/parse-time.ts';

/** What an unquoted scalar is by the rules of Go's YAML 1.1 (go-yaml, version 2). */
export type YamlScalar =
  | { readonly kind: 'text' | 'timestamp' | 'merge' | 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number };

const NULL = /^(?:~|null|Null|NULL)?$/;
const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const INFINITE = /^[-+]?\.(?:inf|Inf|INF)$/;
const NAN = /^\.(?:nan|NaN|NAN)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_NUMBER_LENGTH = 400; // digits enough for any float
const TIMESTAMPS: readonly string[] = [
  '2006-1-2T15:4:5.999999999Z07:00',
  '2006-1-2t15:4:5.999999999Z07:00',
  '2006-1-2 15:4:5.999999999',
  '2006-1-2',
];

export function resolveYamlScalar(text: string): YamlScalar {
  if (NULL.test(text)) return { kind: 'null' };
  if (text === '<<') return { kind: 'merge' };
  if (TRUE.test(text)) return { kind: 'bool', value: true };
  if (FALSE.test(text)) return { kind: 'bool', value: false };
  if (NAN.test(text)) return { kind: 'float', value: Number.NaN };
  if (INFINITE.test(text)) return { kind: 'float', value: text.startsWith('-') ? -Infinity : Infinity };
  return (text.length <= MAX_NUMBER_LENGTH && resolveNumber(text)) || { kind: 'text' };
}

function resolveNumber(text: string): YamlScalar | undefined {
  if (text.startsWith('.')) return floating(parseFloat64(text));
  if (!/^[-+0-9]/.test(text)) return undefined;
  if (isTimestamp(text)) return { kind: 'timestamp' };
  const digits = text.replaceAll('_', '');
  const integer = readInteger(digits);
  if (integer !== undefined) return { kind: 'int', value: integer };
  return FLOAT.test(digits) ? floating(parseFloat64(digits)) : undefined;
}

function floating(value: number | undefined): YamlScalar | undefined {
  return value === undefined ? undefined : { kind: 'float', value };
}

/** As int64, else as uint64. */
function readInteger(digits: string): bigint | undefined {
  const { value, ok } = parseInteger(digits, 0);
  if (ok) return value;
  if (!/^(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*)$/.test(digits)) return undefined;
  const unsigned = BigInt(digits.toLowerCase().replace(/^0(?=[0-7])/, '0o'));
  return unsigned <= MAX_UINT64 ? unsigned : undefined;
}

function isTimestamp(text: string): boolean {
  return /^[0-9]{4}-/.test(text) && TIMESTAMPS.some((layout) => parseTime(layout, text) !== undefined);
}
