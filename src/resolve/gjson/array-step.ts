import { afterDot, type Next } from './path.ts';
import { parseQuery, type Query } from './query.ts';

/** The first step of a path, as it is read where an array is. */
export type ArrayStep =
  | { readonly kind: 'index'; readonly index: number; readonly next: Next }
  | { readonly kind: 'count'; readonly next: Next }
  /** `#.path`: the path's result in every element that has one. */
  | { readonly kind: 'each'; readonly path: string }
  | { readonly kind: 'query'; readonly query: Query; readonly all: boolean; readonly next: Next }
  /** What can name nothing in an array. */
  | { readonly kind: 'none'; readonly next: Next };

export function arrayStep(path: string): ArrayStep {
  if (path.startsWith('#.')) return { kind: 'each', path: path.slice(2) };
  if (path.startsWith('#(') || path.startsWith('#[')) return queryStep(path);
  const { name, next } = cut(path, 0);
  if (name === '#') return { kind: 'count', next };
  if (name.includes('#')) return { kind: 'none', next };
  return /^\d+$/.test(name) ? { kind: 'index', index: Number(name), next } : { kind: 'none', next };
}

function queryStep(path: string): ArrayStep {
  const parsed = parseQuery(path);
  if (parsed === undefined) return { kind: 'none', next: undefined };
  const { name, next } = cut(path, parsed.end);
  return { kind: 'query', query: parsed.query, all: name.startsWith('#', parsed.end), next };
}

/** The step's own text, which ends at the first dot or pipe after `from`. */
function cut(path: string, from: number): { readonly name: string; readonly next: Next } {
  const length = path.slice(from).search(/[.|]/);
  if (length === -1) return { name: path, next: undefined };
  const name = path.slice(0, from + length);
  const rest = path.slice(from + length + 1);
  if (path[from + length] === '|') return { name, next: { pipe: rest } };
  return { name, next: name.includes('#') ? { child: rest } : afterDot(rest) };
}
