import { type Directive, PLAIN } from './format-directive.ts';
import { formatWith } from './format-value.ts';
import { runes } from './go-quoted.ts';
import { TemplateError } from './template-error.ts';
import { typeName } from './type-name.ts';
import { GoInt, type GoValue } from './value.ts';

/** Go's own bound: a wider width or precision is a bad one. */
const MAX_NUMBER = 1_000_000;
const MAX_OUTPUT = 4 * 1024 * 1024;

/** Go's fmt.Sprintf over byte strings. Throws TemplateError where the text would be larger than any Secret. */
export function sprintf(format: string, args: readonly GoValue[]): string {
  let output = '';
  let at = 0;
  let next = 0;
  let isReordered = false;
  while (at < format.length) {
    const percent = format.indexOf('%', at);
    output += format.slice(at, percent < 0 ? undefined : percent);
    if (percent < 0) break;
    at = percent + 1;
    output += directive();
    if (output.length > MAX_OUTPUT) throw new TemplateError('printf makes too much text');
  }
  if (!isReordered && next < args.length) output += extra(args.slice(next));
  return output;

  function directive(): string {
    isReordered = false;
    const flags = { plus: false, minus: false, sharp: false, space: false, zero: false };
    for (; '+-# 0'.includes(format[at] ?? '_'); at += 1) {
      if (format[at] === '+') flags.plus = true;
      else if (format[at] === '#') flags.sharp = true;
      else if (format[at] === ' ') flags.space = true;
      else if (format[at] === '0') flags.zero = true;
      else flags.minus = true;
    }
    if (flags.minus) flags.zero = false;
    let errors = '';
    let isGoodIndex = true;
    let hasIndex = false;

    takeIndex();
    let width: number | undefined;
    if (format[at] === '*') {
      at += 1;
      const given = takeInteger();
      if (given === undefined) errors += '%!(BADWIDTH)';
      if (given !== undefined && given < 0) Object.assign(flags, { minus: true, zero: false });
      width = given === undefined ? undefined : Math.abs(given);
      hasIndex = false;
    } else {
      width = takeNumber();
      if (hasIndex && width !== undefined) isGoodIndex = false; // %[3]2d
    }

    let precision: number | undefined;
    if (format[at] === '.') {
      at += 1;
      if (hasIndex) isGoodIndex = false; // %[3].2d
      takeIndex();
      if (format[at] === '*') {
        at += 1;
        const given = takeInteger();
        precision = given !== undefined && given >= 0 ? given : undefined;
        if (given === undefined) errors += '%!(BADPREC)';
        hasIndex = false;
      } else {
        precision = takeNumber() ?? 0;
      }
    }
    if (!hasIndex) takeIndex();
    if (at >= format.length) return `${errors}%!(NOVERB)`;

    const { value: rune } = runes(format.slice(at)).next();
    const verb = rune?.bytes ?? '';
    const code = rune?.code;
    at += verb.length;
    if (code === 0x25) return `${errors}%`;
    if (!isGoodIndex) return `${errors}%!${verb}(BADINDEX)`;
    if (next >= args.length) return `${errors}%!${verb}(MISSING)`;
    const value = args[next] ?? null;
    next += 1;
    const isPlusV = verb === 'v' && flags.plus;
    const wanted: Directive = {
      ...PLAIN,
      ...flags,
      plus: flags.plus && !isPlusV,
      plusV: isPlusV,
      verb,
      width,
      precision,
    };
    // Go's %w is for errors alone.
    return errors + formatWith(value, wanted);

    function takeIndex(): void {
      if (format[at] !== '[') return;
      isReordered = true;
      const close = format.indexOf(']', at);
      const text = close < 0 ? '' : format.slice(at + 1, close);
      const index = /^\d{1,7}$/.test(text) ? Number(text) - 1 : -1;
      at = close < 0 ? at + 1 : close + 1;
      if (index >= 0 && index < args.length) {
        next = index;
        hasIndex = true;
      } else {
        isGoodIndex = false;
      }
    }
  }

  function takeNumber(): number | undefined {
    const digits = /\d+/y;
    digits.lastIndex = at;
    const text = digits.exec(format)?.[0];
    if (text === undefined) return undefined;
    at += text.length;
    return Number(text) > MAX_NUMBER ? undefined : Number(text);
  }

  function takeInteger(): number | undefined {
    const value = args[next];
    if (next < args.length) next += 1;
    if (!(value instanceof GoInt)) return undefined;
    const number = Number(value.value);
    return Math.abs(number) > MAX_NUMBER ? undefined : number;
  }
}

function extra(args: readonly GoValue[]): string {
  const texts = args.map((value) => (value === null ? '<nil>' : `${typeName(value)}=${formatWith(value, PLAIN)}`));
  return `%!(EXTRA ${texts.join(', ')})`;
}

/** Go's fmt.Sprint: a space between two values of which neither is a string. */
export function sprint(args: readonly GoValue[]): string {
  return args
    .map((value, index) => {
      const before = args[index - 1];
      const isApart = index > 0 && typeof value !== 'string' && typeof before !== 'string';
      return (isApart ? ' ' : '') + formatWith(value, PLAIN);
    })
    .join('');
}

export function sprintln(args: readonly GoValue[]): string {
  return `${args.map((value) => formatWith(value, PLAIN)).join(' ')}\n`;
}
