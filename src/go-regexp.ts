import { RE2JS } from 're2js';
import { groupIndex, parseReplacement } from './go-replacement.ts';

/** A regular expression as Go has it: RE2's syntax, in linear time, matching anywhere in a text. */
export interface GoRegexp {
  test(text: string): boolean;
  /** Go's `ReplaceAllString`: `$1`, `${1}`, `$name` and `${name}` stand for groups, `$$` for a dollar sign. */
  replaceAll(text: string, template: string): string;
}

/** Throws RE2JSException for what Go would not compile. */
export function compileGoRegexp(source: string): GoRegexp {
  const pattern = RE2JS.compile(source);
  const names = pattern.namedGroups();

  return {
    test: (text) => pattern.matcher(text).find(),

    replaceAll(text, template) {
      const parts = parseReplacement(template);
      const matcher = pattern.matcher(text);
      let replaced = '';
      let end = 0;
      while (matcher.find()) {
        // As Go does: an empty match right after another match counts for nothing.
        if (matcher.start() === matcher.end() && matcher.start() === end && end > 0) continue;
        replaced += text.slice(end, matcher.start());
        for (const part of parts) replaced += 'text' in part ? part.text : (groupOf(matcher, part.group) ?? '');
        end = matcher.end();
      }
      return replaced + text.slice(end);
    },
  };

  function groupOf(matcher: ReturnType<typeof pattern.matcher>, name: string): string | null {
    const index = groupIndex(name, names, pattern.groupCount());
    return index === undefined ? null : matcher.group(index);
  }
}
