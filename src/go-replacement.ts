/** A piece of the replacement in Go's ReplaceAllString: text as it is, or the group that it stands for. */
export type ReplacementPart = { readonly text: string } | { readonly group: string };

/** `$1_x` is the group named `1_x`, which is none and so empty: a name takes all letters, digits and underscores it can. */
const PLACEHOLDER = /\$(?:\$|(?<bare>[\p{L}\p{Nd}_]+)|\{(?<braced>[\p{L}\p{Nd}_]+)\})/gu;

/** Reads `$1`, `${1}`, `$name` and `${name}`, with `$$` for a dollar sign. Any other dollar sign is text. */
export function parseReplacement(template: string): readonly ReplacementPart[] {
  const parts: ReplacementPart[] = [];
  let end = 0;
  for (const found of template.matchAll(PLACEHOLDER)) {
    parts.push({ text: template.slice(end, found.index) + (found[0] === '$$' ? '$' : '') });
    const group = found.groups?.['bare'] ?? found.groups?.['braced'];
    if (group !== undefined) parts.push({ group });
    end = found.index + found[0].length;
  }
  parts.push({ text: template.slice(end) });
  return parts;
}

/** The number of the group that a name stands for; `undefined` where the expression has none of it. */
export function groupIndex(name: string, names: Readonly<Record<string, number>>, count: number): number | undefined {
  const index = /^(?:0|[1-9]\d*)$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? names[name] : undefined;
  return index === undefined || index > count ? undefined : index;
}
