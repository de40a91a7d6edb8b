/** Letters and signs that stand for themselves, escaped ones too, and what comes after them. */
const BEGINNING = /^\^((?:[^\\^$.|?*+()[\]{}]|\\\W)*)(.?)/su;
const MAY_BE_ABSENT: readonly string[] = ['*', '?', '{'];

/**
 * What every name begins with that an RE2 expression matches, `prod/db-` for `^prod/db-.*`: policies know beginnings, and no
 * expressions. Empty where it cannot be told.
 */
export function literalPrefix(regexp = ''): string {
  if (regexp.includes('|')) return '';
  const [, literal = '', next = ''] = BEGINNING.exec(regexp) ?? [];
  const characters = literal.match(/\\.|./gsu) ?? [];
  const certain = MAY_BE_ABSENT.includes(next) ? characters.slice(0, -1) : characters;
  return certain.map((character) => character.replace(/^\\/, '')).join('');
}
