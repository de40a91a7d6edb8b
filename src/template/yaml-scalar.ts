/** Where a line is broken, as Go's YAML does it: at the first space behind this column. */
const WIDTH = 80;

// What would read as something else than text: YAML 1.1 has many words for booleans, and numbers to base 60.
const OTHER_THAN_TEXT = [
  /^(?:|~|null|Null|NULL|<<|=)$/,
  /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/,
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/,
  /^[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$/,
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
  /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|\s+)\d{1,2}:\d{2}:\d{2}(?:\.\d*)?(?:\s*Z|\s*[-+]\d{1,2}(?::\d{2})?)?)?$/,
];

interface Place {
  /** Of the lines that follow. */
  readonly indent: number;
  /** At which the text begins. */
  readonly column: number;
  /** A key stands on one line. */
  readonly isKey: boolean;
}

/** A text (not bytes) as Go's YAML writes it: plain where that reads back as the same text, else quoted or as a block. */
export function writeYamlText(text: string, place: Place): string {
  const isAmbiguous = OTHER_THAN_TEXT.some((pattern) => pattern.test(text));
  const isSpecial = /[^\n\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(text) || / \n/.test(text);
  if (text.includes('\n')) {
    const isBlock = !place.isKey && !isSpecial && !text.endsWith(' ');
    return isBlock ? literal(text, place) : doubleQuoted(text, place);
  }
  if (isSpecial || isAmbiguous) return doubleQuoted(text, place);
  return isPlain(text) ? fold(text, place) : fold(`'${text.replaceAll("'", "''")}'`, place);
}

function isPlain(text: string): boolean {
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[-?:](?:\s|$)/.test(text) || /^(?:---|\.\.\.)/.test(text)) return false;
  if (/^\s|\s$/.test(text)) return false;
  return !/:(?:\s|$)/.test(text) && !/\s#/.test(text);
}

function literal(text: string, { indent }: Place): string {
  const hint = /^[ \n]/.test(text) ? '2' : '';
  const chomping = text.endsWith('\n') ? (/(?:^|\n)\n$/.test(text) ? '+' : '') : '-';
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  const lines = body.split('\n').map((line) => (line === '' ? '' : ' '.repeat(indent) + line));
  return `|${hint}${chomping}\n${lines.join('\n')}`;
}

/** Breaks between two words only, where a single space stands. */
function fold(text: string, { indent, column, isKey }: Place): string {
  if (isKey || column + text.length <= WIDTH) return text;
  let folded = '';
  let at = column;
  const characters = Array.from(text);
  for (const [index, character] of characters.entries()) {
    const isSingle = character === ' ' && characters[index - 1] !== ' ' && characters[index + 1] !== ' ';
    if (isSingle && at > WIDTH && index > 1 && index < characters.length - 2) {
      folded += `\n${' '.repeat(indent)}`;
      at = indent;
    } else {
      folded += character;
      at += 1;
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
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function doubleQuoted(text: string, place: Place): string {
  return fold(`"${Array.from(text, escape).join('')}"`, place);
}

function escape(character: string): string {
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20 && code !== 0x7f && code !== 0xfe_ff && !(code > 0x7f && code < 0xa0)) return character;
  return code < 0x100 ? `\\x${hex(code, 2)}` : code < 0x1_00_00 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0');
}
