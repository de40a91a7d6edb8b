const PLAIN = /^[\w@%+=:,./-]+$/;

/** A text as one word of a POSIX shell, whatever stands in it: commands that we print are pasted. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** One command over several lines. */
export function shellCommand(...parts: readonly string[]): string {
  return `${parts.join(' \\\n  ')}\n`;
}
