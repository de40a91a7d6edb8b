const SPECIAL: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
};
const DECIMAL = /^(?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)(?:e[+-]?[0-9](?:_?[0-9])*)?$/;
const HEX =
  /^0x_?(?<whole>(?:[0-9a-f](?:_?[0-9a-f])*)?)(?:\.(?<fraction>(?:[0-9a-f](?:_?[0-9a-f])*)?))?p(?<power>[+-]?[0-9](?:_?[0-9])*)$/;

/** Go's strconv.ParseFloat to 64 bits; `undefined` for what it refuses, and for what is too large. */
export function parseFloat64(text: string): number | undefined {
  if (text.toLowerCase() === 'nan') return Number.NaN; // without a sign
  const negative = text.startsWith('-');
  const body = (negative || text.startsWith('+') ? text.slice(1) : text).toLowerCase();
  const size = Object.hasOwn(SPECIAL, body) ? SPECIAL[body] : readFinite(body);
  if (size === undefined) return undefined;
  return negative ? -size : size;
}

function readFinite(body: string): number | undefined {
  const size = DECIMAL.test(body) ? Number(body.replaceAll('_', '')) : readHex(body);
  return size !== undefined && Number.isFinite(size) ? size : undefined;
}

function readHex(body: string): number | undefined {
  const { whole = '', fraction = '', power = '' } = HEX.exec(body)?.groups ?? {};
  const digits = (whole + fraction).replaceAll('_', '');
  if (digits === '') return undefined;
  const places = fraction.replaceAll('_', '').length;
  return Number(BigInt(`0x${digits}`)) * 2 ** (Number(power.replaceAll('_', '')) - 4 * places);
}
