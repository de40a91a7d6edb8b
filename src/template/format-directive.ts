/** One directive of a format string, such as `%-08.3[2]f`, with its width and precision already looked up. */
export interface Directive {
  readonly verb: string;
  readonly plus: boolean;
  readonly minus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  /** `%+v`: the names of a struct's fields, and no sign. */
  readonly plusV: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

export const PLAIN: Directive = {
  verb: 'v',
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  plusV: false,
  width: undefined,
  precision: undefined,
};

/** Fills up to the width; a byte string's runes are counted, not its bytes. `zeros` as for numbers, behind their sign. */
export function pad(text: string, { width, minus, zero }: Directive, zeros = zero): string {
  if (width === undefined) return text;
  const missing = width - countRunes(text);
  if (missing <= 0) return text;
  if (minus) return text + ' '.repeat(missing);
  if (!zeros) return ' '.repeat(missing) + text;
  const sign = /^[-+ ]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

/** Bytes that do not go on with a code point: as many as there are runes. */
export function countRunes(bytes: string): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at += 1) if ((bytes.charCodeAt(at) & 0xc0) !== 0x80) count += 1;
  return count;
}
