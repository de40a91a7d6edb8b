import { RE2JS } from 're2js';

/** A regular expression as Go has it: RE2's syntax, in linear time, matching anywhere in a text. */
export interface GoRegexp {
  test(text: string): boolean;
  /** Go's `ReplaceAllString`: `$1`, `${1}`, `$name` and `${name}` stand for groups, `$$` for a dollar sign. */
  replaceAll(text: string, template: string): string;
}

/** `$1_x` is the group named `1_x`, which is none and so empty: a name takes all letters, digits and underscores it can. */
const PLACEHOLDER = /\$(?:\$|(?<bare>[\p{L}\p{Nd}_]+)|\{(?<braced>[\p{L}\p{Nd}_]+)\})/gu;

/** Throws RE2JSException for what Go would not compile. */
export function compileGoRegexp(source: string): GoRegexp {
  const pattern = RE2JS.compile(source);
  const names = pattern.namedGroups();

  return {
    test: (text) => pattern.matcher(text).find(),

    replaceAll(text, template) {
      const matcher = pattern.matcher(text);
      let replaced = '';
      let end = 0;
      while (matcher.find()) {
        // As Go does: an empty match right after another match counts for nothing.
        if (matcher.start() === matcher.end() && matcher.start() === end && end > 0) continue;
        replaced += text.slice(end, matcher.start()) + expand(matcher);
        end = matcher.end();
      }
      return replaced + text.slice(end);

      function expand(found: typeof matcher): string {
        return template.replaceAll(PLACEHOLDER, (whole, bare?: string, braced?: string) => {
          if (whole === '$$') return '$';
          return groupOf(found, bare ?? braced ?? '') ?? '';
        });
      }
    },
  };

  function groupOf(matcher: ReturnType<typeof pattern.matcher>, name: string): string | null {
    const index = /^(?:0|[1-9]\d*)$/.test(name) ? Number(name) : names[name];
    return index === undefined || index > pattern.groupCount() ? null : matcher.group(index);
  }
}
