import type { Computed } from './computed.ts';
import { endOfContainer } from './scan.ts';

const WORD = /^!(true|false|null|nan|inf)(?=[|.]|$)/i;

/** `!"text"`, `!5`, `!{…}`, `!true`: a value that stands in the path itself. Text and numbers take all that follows, as in gjson. */
export function literal(path: string): Computed | undefined {
  if (/^!["{[+\-0-9]/.test(path)) {
    const end = endOfContainer(path, 1);
    return { text: path.slice(1, end), rest: path.slice(end) };
  }
  const word = WORD.exec(path)?.[1];
  return word === undefined ? undefined : { text: word, rest: path.slice(1 + word.length) };
}
