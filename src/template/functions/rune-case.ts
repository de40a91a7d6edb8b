// Go maps one rune to one rune, where JavaScript may make two: "ß" has no single upper case and stays.

/** Digraphs that have a title case of their own, by any of their forms: Ǆ ǅ ǆ, Ǉ ǈ ǉ, Ǌ ǋ ǌ, Ǳ ǲ ǳ. */
const DIGRAPHS: readonly string[] = [
  '\u01c4\u01c5\u01c6',
  '\u01c7\u01c8\u01c9',
  '\u01ca\u01cb\u01cc',
  '\u01f1\u01f2\u01f3',
];

/** Greek letters with an iota below: JavaScript writes the iota out, Go has single letters for most. */
const IOTA_UPPER: Readonly<Record<string, string>> = { '\u1fb3': '\u1fbc', '\u1fc3': '\u1fcc', '\u1ff3': '\u1ffc' };

export function upperRune(rune: string): string {
  return IOTA_UPPER[rune] ?? iotaUpper(rune) ?? single(rune, rune.toUpperCase());
}

export function lowerRune(rune: string): string {
  return rune === '\u0130' ? 'i' : single(rune, rune.toLowerCase());
}

/** Unicode's title case: the upper case, but for digraphs and Georgian. */
export function titleRune(rune: string): string {
  if (/[\u10d0-\u10fa\u10fd-\u10ff]/.test(rune)) return rune;
  return DIGRAPHS.find((forms) => forms.includes(rune))?.[1] ?? upperRune(rune);
}

function iotaUpper(rune: string): string | undefined {
  const code = rune.charCodeAt(0);
  return code >= 0x1f_80 && code <= 0x1f_af ? String.fromCharCode(code | 8) : undefined;
}

function single(rune: string, changed: string): string {
  return Array.from(changed).length === 1 ? changed : rune;
}
