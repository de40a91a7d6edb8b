const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const INFINITE = /^([+-]?)inf(inity)?$/i;

/** Reads a number as Go's strconv does, with 0 for what is none. */
export function parseNumber(text: string): number {
  if (DECIMAL.test(text)) return Number(text);
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  return /^nan$/i.test(text) ? Number.NaN : 0;
}

/** The shortest digits that read back as the same number, never with an exponent: 1.50 → 1.5, 1e3 → 1000. */
export function formatNumber(number: number): string {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? 'NaN' : number > 0 ? '+Inf' : '-Inf';
  const sign = number < 0 || Object.is(number, -0) ? '-' : '';
  const [digits = '', exponent] = String(Math.abs(number)).split('e');
  if (exponent === undefined) return sign + digits;
  return sign + shiftPoint(digits, Number(exponent));
}

function shiftPoint(digits: string, places: number): string {
  const [whole = '', fraction = ''] = digits.split('.');
  const point = whole.length + places;
  const all = whole + fraction;
  if (point <= 0) return `0.${'0'.repeat(-point)}${all}`;
  return all.padEnd(point, '0');
}
