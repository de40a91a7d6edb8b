import { MAX_FORMAT_NUMBER, readArgumentIndex, readNumber } from './format-argument.ts';
import { type Directive, PLAIN } from './format-directive.ts';
import { formatWith } from './format-value.ts';
import { runes } from './go-quoted.ts';
import { PrintLimit } from './print-limit.ts';
import { typeName } from './type-name.ts';
import { GoInt, type GoValue } from './value.ts';

/** Go's fmt.Sprintf over byte strings. Throws TemplateError where the text would be larger than any Secret. */
export function sprintf(format: string, args: readonly GoValue[]): string {
  return new Printf(format, args).run();
}

type Flags = { -readonly [Key in 'plus' | 'minus' | 'sharp' | 'space' | 'zero']: boolean };

const FLAGS: Readonly<Record<string, keyof Flags>> = {
  '+': 'plus',
  '-': 'minus',
  '#': 'sharp',
  ' ': 'space',
  '0': 'zero',
};

class Printf {
  readonly #format: string;
  readonly #args: readonly GoValue[];
  readonly #limit = new PrintLimit();
  #at = 0;
  #next = 0;
  #isReordered = false;
  // Of the directive that is being read.
  #isGoodIndex = true;
  #isAfterIndex = false;

  constructor(format: string, args: readonly GoValue[]) {
    this.#format = format;
    this.#args = args;
  }

  run(): string {
    const output: string[] = [];
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#at);
      const end = percent < 0 ? this.#format.length : percent;
      output.push(this.#limit.take(this.#format.slice(this.#at, end)));
      this.#at = end + 1;
      if (percent >= 0) output.push(this.#limit.take(this.#directive()));
    }
    if (!this.#isReordered && this.#next < this.#args.length) output.push(this.#extra());
    return output.join('');
  }

  #directive(): string {
    this.#isGoodIndex = true;
    const flags = this.#flags();
    this.#index();
    const width = this.#width(flags);
    const precision = this.#precision();
    if (!this.#isAfterIndex) this.#index();
    const errors = width.error + precision.error;
    const rune = runes(this.#format.slice(this.#at, this.#at + 4)).next().value;
    if (rune === undefined) return `${errors}%!(NOVERB)`;
    this.#at += rune.bytes.length;
    const verb = rune.code === undefined ? '\u00ef\u00bf\u00bd' : rune.bytes;
    if (verb === '%') return `${errors}%`;
    if (!this.#isGoodIndex) return `${errors}%!${verb}(BADINDEX)`;
    if (this.#next >= this.#args.length) return `${errors}%!${verb}(MISSING)`;
    const value = this.#args[this.#next] ?? null;
    this.#next += 1;
    const directive = directiveOf(verb, flags, width.value, precision.value);
    return errors + formatWith(value, directive, this.#limit);
  }

  #flags(): Flags {
    const flags: Flags = { plus: false, minus: false, sharp: false, space: false, zero: false };
    for (;;) {
      const flag = FLAGS[this.#format[this.#at] ?? ''];
      if (flag === undefined) return flags;
      flags[flag] = true;
      this.#at += 1;
    }
  }

  #index(): void {
    const index = readArgumentIndex(this.#format, this.#at, this.#next, this.#args.length);
    this.#isAfterIndex = index?.isFound === true;
    if (index === undefined) return;
    this.#isReordered = true;
    this.#at = index.at;
    this.#next = index.next;
    if (!index.isGood) this.#isGoodIndex = false;
  }

  #width(flags: Flags): Found {
    if (this.#format[this.#at] === '*') {
      this.#at += 1;
      this.#isAfterIndex = false;
      const width = this.#integerArgument();
      if (width === undefined) return { value: undefined, error: '%!(BADWIDTH)' };
      if (width < 0) Object.assign(flags, { minus: true, zero: false });
      return { value: Math.abs(width), error: '' };
    }
    const { value, end } = readNumber(this.#format, this.#at);
    this.#at = end;
    if (this.#isAfterIndex && value !== undefined) this.#isGoodIndex = false; // %[3]2d
    return { value, error: '' };
  }

  #precision(): Found {
    if (this.#format[this.#at] !== '.' || this.#at + 1 >= this.#format.length) return { value: undefined, error: '' };
    this.#at += 1;
    if (this.#isAfterIndex) this.#isGoodIndex = false; // %[3].2d
    this.#index();
    if (this.#format[this.#at] === '*') {
      this.#at += 1;
      this.#isAfterIndex = false;
      const precision = this.#integerArgument();
      const isBad = precision === undefined || precision < 0;
      return isBad ? { value: undefined, error: '%!(BADPREC)' } : { value: precision, error: '' };
    }
    const { value, end } = readNumber(this.#format, this.#at);
    this.#at = end;
    return { value: value ?? 0, error: '' };
  }

  #integerArgument(): number | undefined {
    const value = this.#args[this.#next];
    if (value === undefined) return undefined;
    this.#next += 1;
    if (!(value instanceof GoInt)) return undefined;
    const number = Number(value.value);
    return Math.abs(number) > MAX_FORMAT_NUMBER ? undefined : number;
  }

  #extra(): string {
    const texts = this.#args.slice(this.#next).map((value) => {
      const text = formatWith(value, PLAIN, this.#limit);
      return value === null ? text : `${typeName(value)}=${text}`;
    });
    return `%!(EXTRA ${texts.join(', ')})`;
  }
}

interface Found {
  readonly value: number | undefined;
  readonly error: string;
}

/** `%+v` and `%#v` mean something of their own; `%w`, which is for errors alone, is read like `%v`. */
function directiveOf(verb: string, flags: Flags, width: number | undefined, precision: number | undefined): Directive {
  if (verb !== 'v' && verb !== 'w') return { ...PLAIN, ...flags, verb, width, precision };
  const { plus, sharp, ...rest } = flags;
  return { ...PLAIN, ...rest, plusV: plus, sharpV: sharp, verb, width, precision };
}

/** Go's fmt.Sprint: a space between two values of which neither is a string. */
export function sprint(args: readonly GoValue[]): string {
  const limit = new PrintLimit();
  const texts = args.map((value, index) => {
    const isApart = index > 0 && typeof value !== 'string' && typeof args[index - 1] !== 'string';
    return (isApart ? ' ' : '') + formatWith(value, PLAIN, limit);
  });
  return texts.join('');
}

export function sprintln(args: readonly GoValue[]): string {
  const limit = new PrintLimit();
  return `${args.map((value) => formatWith(value, PLAIN, limit)).join(' ')}\n`;
}
