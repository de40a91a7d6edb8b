const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const NOT_FINITE: Readonly<Record<string, string>> = {
  inf: 'Inf',
  Inf: 'Inf',
  INF: 'Inf',
  nan: 'NaN',
  NaN: 'NaN',
  NAN: 'NaN',
};
const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * The text that an unquoted YAML scalar comes to in a map of strings, by the rules of Go's YAML 1.1 (goyaml.v2): `yes` is
 * `true`, `0x10` is `16`, `1.50` is `1.5`, `~` is empty. Dates stay as they are.
 */
export function plainScalar(text: string): string {
  if (NULL.test(text)) return '';
  if (TRUE.test(text)) return 'true';
  if (FALSE.test(text)) return 'false';
  const special = /^([-+]?)\.(\w{3})$/.exec(text);
  if (special !== null) return notFinite(special[1] ?? '', special[2] ?? '') ?? text;
  // Underscores part the digits of numbers that begin with a digit or a sign.
  const digits = /^[-+0-9]/.test(text) ? text.replaceAll('_', '') : text;
  return integerText(digits) ?? floatText(digits) ?? text;
}

function notFinite(sign: string, name: string): string | undefined {
  const known = Object.hasOwn(NOT_FINITE, name) ? NOT_FINITE[name] : undefined;
  if (known === 'NaN') return sign === '' ? known : undefined;
  return known && `${sign === '-' ? '-' : '+'}${known}`;
}

function integerText(digits: string): string | undefined {
  const [, sign = '', magnitude = ''] = INTEGER.exec(digits) ?? [];
  if (magnitude === '') return undefined;
  const value = BigInt(magnitude.replace(/^0(?=[0-7])/, '0o'));
  const isInRange = sign === '-' ? value <= MAX_INT64 + 1n : value <= (sign === '' ? MAX_UINT64 : MAX_INT64);
  return isInRange ? String(sign === '-' ? -value : value) : undefined;
}

function floatText(digits: string): string | undefined {
  const value = Number(digits);
  return FLOAT.test(digits) && Number.isFinite(value) ? formatFloat(value) : undefined;
}

/** Go's `strconv.FormatFloat(x, 'g', -1, 64)`: an exponent from 1e+06 up and below 1e-04, of two digits at least. */
function formatFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const places = Number(exponent);
  if (places >= -4 && places < 6) return String(value);
  return `${mantissa}e${places < 0 ? '-' : '+'}${String(Math.abs(places)).padStart(2, '0')}`;
}
