import { didYouMean } from './did-you-mean.ts';

/** A mistake at an address: `spec.provider.vault.server: must be …`. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

export interface UnreadField {
  readonly path: string;
  /** The name that its author most likely meant. */
  readonly meant: string | undefined;
}

export interface TextRule {
  readonly pattern?: RegExp;
  /** Shown in the message: `must be a string such as "…"`. */
  readonly example?: string;
}

/**
 * A reader over an untrusted object that knows its address and collects every mistake instead of throwing at the first.
 * A required field that is wrong reads as an empty value; callers look at `problems` before they use what they read.
 * Problems are shared by all readers made from one root.
 */
export class Fields {
  readonly path: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #problems: FieldProblem[];
  readonly #asked = new Set<string>();
  readonly #inner: Fields[] = [];

  private constructor(values: Readonly<Record<string, unknown>>, path: string, problems: FieldProblem[]) {
    this.#values = values;
    this.path = path;
    this.#problems = problems;
  }

  /** Starts reading `value`; anything but a mapping is a problem and reads as an empty one. */
  static of(value: unknown, path: string, problems: FieldProblem[] = []): Fields {
    if (isMapping(value)) return new Fields(value, path, problems);
    problems.push({ path, message: 'must be a mapping' });
    return new Fields({}, path, problems);
  }

  get problems(): readonly FieldProblem[] {
    return this.#problems;
  }

  /** Whoever takes all names has asked for each. */
  keys(): readonly string[] {
    const names = Object.keys(this.#values);
    for (const name of names) this.#asked.add(name);
    return names;
  }

  /** What stands here and further in and nobody has asked for, with its address: misspelt, mostly, or without effect. */
  unread(): readonly UnreadField[] {
    const names = Object.keys(this.#values).filter((name) => !this.#asked.has(name));
    const here = names.map((name) => ({ path: `${this.path}.${name}`, meant: didYouMean(name, this.#asked) }));
    return [...here, ...this.#inner.flatMap((fields) => fields.unread())];
  }

  has(name: string): boolean {
    return this.#raw(name) !== undefined;
  }

  raw(name: string): unknown {
    return this.#raw(name);
  }

  problem(name: string, message: string): void {
    this.#problems.push({ path: name === '' ? this.path : `${this.path}.${name}`, message });
  }

  text(name: string, rule: TextRule = {}): string {
    const value = this.optionalText(name, rule);
    if (value === undefined && !this.has(name)) this.problem(name, `is required${suchAs(rule, ',')}`);
    return value ?? '';
  }

  optionalText(name: string, rule: TextRule = {}): string | undefined {
    const value = this.#raw(name);
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value !== '' && (rule.pattern?.test(value) ?? true)) return value;
    this.problem(name, `must be a string${suchAs(rule)}`);
    return undefined;
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const value = this.#raw(name);
    if (value === undefined) return fallback;
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) this.problem(name, `must be one of ${allowed.join(', ')}`);
    return found ?? fallback;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.#raw(name);
    if (value === undefined) return fallback;
    if (typeof value === 'boolean') return value;
    this.problem(name, 'must be true or false');
    return fallback;
  }

  integer(name: string, rule: { readonly min?: number; readonly max?: number } = {}): number | undefined {
    const value = this.#raw(name);
    if (value === undefined) return undefined;
    const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = rule;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    this.problem(name, `must be a whole number from ${min} to ${max}`);
    return undefined;
  }

  texts(name: string): readonly string[] {
    const value = this.#raw(name);
    if (value === undefined) return [];
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    this.problem(name, 'must be a list of strings');
    return [];
  }

  /** String values by name, for headers, labels and the like. */
  textMap(name: string): Readonly<Record<string, string>> {
    const value = this.#raw(name);
    if (value === undefined) return {};
    if (isMapping(value) && Object.values(value).every((item) => typeof item === 'string')) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item)]));
    }
    this.problem(name, 'must be a mapping of strings');
    return {};
  }

  object(name: string): Fields | undefined {
    const value = this.#raw(name);
    if (value === undefined) return undefined;
    return this.#enter(value, `${this.path}.${name}`);
  }

  list(name: string): readonly Fields[] {
    const value = this.#raw(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) {
      return value.map((item, index) => this.#enter(item, `${this.path}.${name}[${index}]`));
    }
    this.problem(name, 'must be a list');
    return [];
  }

  #enter(value: unknown, path: string): Fields {
    const fields = Fields.of(value, path, this.#problems);
    this.#inner.push(fields);
    return fields;
  }

  /** `null` counts as absent, as it does for the API server. Inherited names such as `constructor` are absent. */
  #raw(name: string): unknown {
    this.#asked.add(name);
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    return value === null ? undefined : value;
  }
}

/** A warning for its author. */
export function describeUnread({ path, meant }: UnreadField): string {
  return `${path}: is unknown, or has no effect here${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function suchAs(rule: TextRule, separator = ''): string {
  return rule.example === undefined ? '' : `${separator} such as "${rule.example}"`;
}
