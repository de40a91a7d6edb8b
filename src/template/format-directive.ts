import { countRunes } from './go-quoted.ts';

/** One directive of a format string, such as `%-08.3[2]f`, with its width and precision already looked up. */
export interface Directive {
  readonly verb: string;
  readonly plus: boolean;
  readonly minus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  /** `%+v`: the names of a struct's fields. */
  readonly plusV: boolean;
  /** `%#v`: Go's syntax. */
  readonly sharpV: boolean;
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
  sharpV: false,
  width: undefined,
  precision: undefined,
};

/** Fills up to the width; a byte string's runes are counted, not its bytes. Zeros never stand to the right. */
export function pad(text: string, { width, minus, zero }: Directive): string {
  const missing = width === undefined ? 0 : width - countRunes(text);
  if (missing <= 0) return text;
  return minus ? text + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + text;
}
