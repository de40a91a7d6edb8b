import { type ArrayStep, arrayStep } from './array-step.ts';
import type { Budget } from './budget.ts';
import { type Computed, parseValue } from './computed.ts';
import { literal } from './literal.ts';
import { modifier } from './modifiers.ts';
import { multipath } from './multipath.ts';
import { type Next, objectStep, splitAtPipe } from './path.ts';
import type { Query } from './query.ts';
import { satisfies } from './satisfies.ts';
import { elements, members } from './scan.ts';
import { unescape, type Value } from './value.ts';
import { matchesWildcard } from './wildcard.ts';

/** What a path selects in JSON text, if anything. Both are byte strings. */
export function get(json: string, path: string, budget: Budget): Value | undefined {
  budget.spend(path.length);
  return budget.nest(() => {
    const computed = compute(json, path, budget);
    if (computed === undefined) return search(json, path, budget);
    const { text, rest } = computed;
    return /^[.|]/.test(rest) ? get(text, rest.slice(1), budget) : parseValue(text);
  });
}

/** A path may start with what makes a value of its own instead of a key. */
function compute(json: string, path: string, budget: Budget): Computed | undefined {
  if (path.length < 2) return undefined;
  const context = { budget, get: (text: string, inner: string) => get(text, inner, budget) };
  switch (path.charAt(0)) {
    case '@':
      return modifier(json, path, context);
    case '!':
      return literal(path);
    case '[':
    case '{':
      return multipath(json, path, context);
    default:
      return undefined;
  }
}

/** One walk down the document. Its pipe is applied to whatever it finds, even to nothing: `missing|@keys` is `[]`. */
interface Walk {
  readonly budget: Budget;
  pipe: string | undefined;
}

function search(json: string, path: string, budget: Budget): Value | undefined {
  const walk: Walk = { budget, pipe: undefined };
  const found = fromRoot(json, path, walk);
  return walk.pipe === undefined ? found : get(found?.raw ?? '', walk.pipe, budget);
}

function fromRoot(json: string, path: string, walk: Walk): Value | undefined {
  // `..` reads JSON lines as one array
  if (path.startsWith('..')) return inArray(json, 0, path.slice(2), walk);
  // gjson looks for the first bracket, whatever stands before it
  const open = json.search(/[[{]/);
  return open === -1 ? undefined : inContainer(json.slice(open), path, walk);
}

function inContainer(raw: string, path: string, walk: Walk): Value | undefined {
  walk.budget.spend(path.length);
  return walk.budget.nest(() => (raw.startsWith('{') ? inObject(raw, path, walk) : inArray(raw, 1, path, walk)));
}

function inObject(raw: string, path: string, walk: Walk): Value | undefined {
  const step = objectStep(path);
  notePipe(step.next, walk);
  for (const member of members(raw, 0, walk.budget)) {
    if (member === undefined) return undefined;
    const key = unescape(member.key);
    if (step.wild ? !matchesWildcard(key, step.name, walk.budget) : key !== step.name) continue;
    const found = follow(member.value, step.next, walk);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inArray(raw: string, from: number, path: string, walk: Walk): Value | undefined {
  const step = arrayStep(path);
  if (step.kind === 'each') return each(raw, from, step.path, walk);
  notePipe(step.next, walk);
  if (step.kind === 'query') return select(raw, from, step, walk);
  let index = 0;
  for (const element of elements(raw, from, walk.budget)) {
    if (element === undefined) return undefined;
    if (step.kind === 'index' && step.index === index) return follow(element, step.next, walk);
    index += 1;
  }
  return step.kind === 'count' ? { kind: 'number', raw: String(index) } : undefined;
}

/** The value itself where the path ends or pipes, else what the rest of the path finds inside it. */
function follow(value: Value, next: Next, walk: Walk): Value | undefined {
  if (next === undefined || 'pipe' in next) return value;
  return value.kind === 'container' ? inContainer(value.raw, next.child, walk) : undefined;
}

function notePipe(next: Next, walk: Walk): void {
  if (next !== undefined && 'pipe' in next) walk.pipe = next.pipe;
}

function each(raw: string, from: number, path: string, walk: Walk): Value | undefined {
  const parts: string[] = [];
  const cut = splitAtPipe(path);
  for (const element of elements(raw, from, walk.budget)) {
    if (element === undefined) return undefined;
    const found = get(element.raw, cut.path, walk.budget);
    if (found !== undefined) parts.push(found.raw);
  }
  if (cut.pipe !== undefined) walk.pipe = cut.pipe;
  return { kind: 'container', raw: `[${parts.join(',')}]` };
}

function select(raw: string, from: number, step: ArrayStep & { kind: 'query' }, walk: Walk): Value | undefined {
  const parts: string[] = [];
  for (const element of elements(raw, from, walk.budget)) {
    if (element === undefined) return undefined;
    if (!matches(element, step.query, walk.budget)) continue;
    const found = below(element, step.next, walk);
    if (!step.all) return found;
    if (found !== undefined) parts.push(found.raw);
  }
  return step.all ? { kind: 'container', raw: `[${parts.join(',')}]` } : undefined;
}

/** A query looks inside a container, and at a scalar itself. */
function matches(element: Value, query: Query, budget: Budget): boolean {
  if (element.kind === 'container') return satisfies(get(element.raw, query.path, budget), query, budget);
  return query.path === '' && satisfies(element, query, budget);
}

/** A path below a query starts anew in each element, so its pipe is known only once an element matches. */
function below(element: Value, next: Next, walk: Walk): Value | undefined {
  if (next === undefined || 'pipe' in next) return element;
  const cut = splitAtPipe(next.child);
  if (cut.pipe !== undefined) walk.pipe = cut.pipe;
  return get(element.raw, cut.path, walk.budget);
}
