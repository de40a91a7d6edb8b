import { TemplateError } from '../template-error.ts';

/** A decimal number: digits times a power of ten. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

export type DecimalOperation = 'add' | 'subtract' | 'multiply' | 'divide';

/** Decimal places of a quotient, as in the package shopspring/decimal. */
const QUOTIENT_PLACES = 16;

/**
 * Sprig's arithmetic of floats: each is taken for the decimal that it prints as, so that 0.1 and 0.2 are 0.3, and only
 * the result becomes a float again. Throws TemplateError for what is no number, and for a division by zero.
 */
export function computeDecimal(operation: DecimalOperation, first: number, others: readonly number[]): number {
  const compute = OPERATIONS[operation];
  const { digits, exponent } = others.map(toDecimal).reduce(compute, toDecimal(first));
  return Number(`${digits}e${exponent}`);
}

const OPERATIONS: Readonly<Record<DecimalOperation, (a: Decimal, b: Decimal) => Decimal>> = {
  add: (a, b) => sum(a, b),
  subtract: (a, b) => sum(a, { ...b, digits: -b.digits }),
  multiply: (a, b) => ({ digits: a.digits * b.digits, exponent: a.exponent + b.exponent }),
  divide: quotient,
};

function toDecimal(value: number): Decimal {
  if (Number.isNaN(value)) throw new TemplateError('Cannot create a Decimal from NaN');
  if (!Number.isFinite(value)) throw new TemplateError(`Cannot create a Decimal from ${value > 0 ? '+' : '-'}Inf`);
  const [mantissa = '0', power = '0'] = value.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

function sum(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { digits: scaled(a, exponent) + scaled(b, exponent), exponent };
}

function scaled({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}

/** Rounded half away from zero. */
function quotient(a: Decimal, b: Decimal): Decimal {
  if (b.digits === 0n) throw new TemplateError('decimal division by 0');
  const shift = a.exponent - b.exponent + QUOTIENT_PLACES;
  const dividend = a.digits * 10n ** BigInt(Math.max(shift, 0));
  const divisor = b.digits * 10n ** BigInt(Math.max(-shift, 0));
  const whole = dividend / divisor;
  const rest = magnitude(dividend % divisor) * 2n;
  const away = rest >= magnitude(divisor) ? (dividend < 0n === divisor < 0n ? 1n : -1n) : 0n;
  return { digits: whole + away, exponent: -QUOTIENT_PLACES };
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
