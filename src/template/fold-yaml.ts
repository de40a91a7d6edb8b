/** Behind this column a line is broken at the next space. */
const WIDTH = 80;

/** Where a scalar is written. */
export interface YamlPlace {
  /** Of the lines that follow. */
  readonly indent: number;
  /** At which the text begins. */
  readonly column: number;
  /** A key before its colon stands on one line. */
  readonly isKey: boolean;
}

// Go's YAML breaks long scalars at spaces, each style by slightly other rules.

export function foldPlain(text: string, place: YamlPlace): string {
  return fold(text, place, { write: (character) => character, isBreak: ({ next }) => next !== ' ' });
}

export function foldSingleQuoted(text: string, place: YamlPlace): string {
  const inner = fold(text, afterQuote(place), {
    write: (character) => (character === "'" ? "''" : character),
    isBreak: ({ isInside, next }) => isInside && next !== ' ',
  });
  return `'${inner}'`;
}

export function foldDoubleQuoted(text: string, place: YamlPlace): string {
  const inner = fold(text, afterQuote(place), {
    write: escape,
    isBreak: ({ isInside }) => isInside,
    // Else it would be lost with the spaces at the line's beginning.
    afterBreak: (next) => (next === ' ' ? '\\' : ''),
  });
  return `"${inner}"`;
}

function afterQuote(place: YamlPlace): YamlPlace {
  return { ...place, column: place.column + 1 };
}

interface Style {
  readonly write: (character: string) => string;
  /** Whether a line may end at a space: is that between other characters, and what comes next? */
  readonly isBreak: (space: { readonly isInside: boolean; readonly next: string }) => boolean;
  readonly afterBreak?: (next: string) => string;
}

function fold(text: string, { indent, column, isKey }: YamlPlace, { write, isBreak, afterBreak }: Style): string {
  const characters = Array.from(text);
  const margin = `\n${' '.repeat(indent)}`;
  let folded = '';
  let at = column;
  let isAfterSpace = false;
  for (const [index, character] of characters.entries()) {
    const next = characters[index + 1] ?? '';
    const isInside = index > 0 && next !== '';
    const mayBreak = character === ' ' && !isAfterSpace && !isKey && at > WIDTH;
    isAfterSpace = character === ' ';
    if (mayBreak && isBreak({ isInside, next })) {
      const lead = afterBreak?.(next) ?? '';
      folded += margin + lead;
      at = indent + lead.length;
    } else {
      const written = write(character);
      folded += written;
      at += character === written ? 1 : written.length;
    }
  }
  return folded;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function escape(character: string): string {
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  if (code > 0xff_ff) return `\\U${hex(code, 8)}`;
  if (code < 0x20 || (code > 0x7e && code < 0xa0)) return `\\x${hex(code, 2)}`;
  return code === 0xfe_ff ? `\\u${hex(code, 4)}` : character;
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0');
}
