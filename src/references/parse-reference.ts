import { LatchkeyError } from '../errors.ts';
import { isDnsSubdomain, isVariableName } from './kubernetes-names.ts';
import type { Decode, Reference, StoreName } from './reference.ts';

/** A reference of `latchkey.dev/env-from`: all properties of one remote secret, under a common prefix. */
export interface EnvFromReference {
  readonly reference: Reference;
  /** Put before each variable's name; empty where none is written. */
  readonly prefix: string;
}

const STORE_SCHEME = 'secretstore://';
const CLUSTER_STORE_SCHEME = 'clustersecretstore://';

const DECODES: readonly Decode[] = ['base64', 'base64url', 'auto', 'none'];
const PARAMETERS = ['version', 'decode', 'optional', 'default'] as const;
const ENV_FROM_PARAMETERS = ['version', 'decode', 'optional', 'prefix'] as const;

const MAX_PART_LENGTH = 4096; // after decoding; twice the longest name of any provider (an ARN)
const MAX_QUOTE_LENGTH = 80;

const FORM = 'Write secretstore://STORE/KEY or secretstore://STORE/KEY#PROPERTY';
const DEFAULT_STORE_FORM = `${FORM}, with secretstore:///KEY for the default store`;

/** Whether `text` starts, at `position`, with one of our schemes. Upper and lower case differ, as in the leftovers policy. */
export function isReference(text: string, position = 0): boolean {
  return text.startsWith(STORE_SCHEME, position) || text.startsWith(CLUSTER_STORE_SCHEME, position);
}

/** Reads one reference, `secretstore://STORE/KEY…`. Throws REF_INVALID, and nothing else. Grammar: docs/references.md. */
export function parseReference(text: string): Reference {
  return read(text, PARAMETERS).reference;
}

/** As `parseReference`, for `latchkey.dev/env-from`: takes `prefix`, and no `default`. */
export function parseEnvFromReference(text: string): EnvFromReference {
  const { reference, query } = read(text, ENV_FROM_PARAMETERS);
  const prefix = query.get('prefix');
  if (query.has('prefix') && (prefix === undefined || !isVariableName(prefix))) {
    throw invalid(text, 'has a prefix that cannot begin a variable', 'Write letters, digits and _, as in ?prefix=DB_');
  }
  return { reference, prefix: prefix ?? '' };
}

type Query = ReadonlyMap<string, string | undefined>;

function read(text: string, allowed: readonly string[]): { readonly reference: Reference; readonly query: Query } {
  checkCharacters(text);
  const [head, rawProperty] = cut(text, '#');
  const [location, rawQuery] = cut(head, '?');
  checkUnencoded(text, head, location);

  const [rawStore, rawKey] = cut(location.slice(location.indexOf('://') + 3), '/');
  const store = readStore(text, rawStore, rawKey !== undefined);
  const key = decode(text, rawKey ?? '', 'key');
  if (!/[^/]/.test(key)) throw invalid(text, 'names a store but no key', DEFAULT_STORE_FORM);

  const query: Query = rawQuery === undefined ? new Map() : readQuery(text, rawQuery, allowed);
  const version = query.get('version');
  const property = rawProperty === undefined ? undefined : readProperty(text, rawProperty);
  const fallback = query.get('default');
  const reference: Reference = {
    store,
    key,
    ...(version === undefined ? {} : { version }),
    ...(property === undefined ? {} : { property }),
    decode: DECODES.find((name) => name === query.get('decode')) ?? 'none',
    optional: query.has('optional') && query.get('optional') !== 'false',
    ...(fallback === undefined ? {} : { default: fallback }),
  };
  return { reference, query };
}

/** What stands nowhere in a reference unless percent-encoded. */
function checkCharacters(text: string): void {
  const trimmed = text.trim();
  if (!isReference(trimmed)) throw new LatchkeyError('REF_INVALID', 'this is no reference', { hint: FORM });
  if (trimmed !== text) throw invalid(trimmed, 'has white space around it', 'Remove the white space');
  if (!text.isWellFormed()) throw invalid(text, 'is no valid Unicode text', 'Type it again');
  if (/[\p{Cc}\p{Cf}]/u.test(text)) {
    throw invalid(text, 'holds a control or invisible character', 'Remove it, or percent-encode it');
  }
  if (text.includes('$(')) {
    throw invalid(
      text,
      'holds $(, but Kubernetes expands no variables inside a reference',
      'Write the name out, or %24( for a literal $(',
    );
  }
  if (text.includes('${')) {
    throw invalid(text, 'holds ${, but references do not nest', 'Write the name out, or %24{ for a literal ${');
  }
}

/** Store, key and parameters take white space and `&` only encoded: raw ones are slips, and slips must not become names. */
function checkUnencoded(text: string, head: string, location: string): void {
  if (/\s/.test(head)) throw invalid(text, 'holds white space', 'Write a space as %20');
  if (location.includes('&')) {
    throw invalid(text, 'holds & before any ?', 'Begin parameters with ?, and write & inside a key as %26');
  }
}

function readStore(text: string, name: string, hasKey: boolean): StoreName {
  const kind = text.startsWith(CLUSTER_STORE_SCHEME) ? 'ClusterSecretStore' : 'SecretStore';
  if (name === '' && kind === 'ClusterSecretStore') {
    throw invalid(
      text,
      'names no store',
      'Write clustersecretstore://STORE/KEY, or secretstore:///KEY for the default store',
    );
  }
  if (name === '' && hasKey) return { kind: 'default' };
  if (name === '') throw invalid(text, 'names neither store nor key', DEFAULT_STORE_FORM);
  if (isDnsSubdomain(name)) return { kind, name };
  // Not quoted: a URL written out of habit carries its password just here.
  throw new LatchkeyError('REF_INVALID', 'the store in this reference has a name that Kubernetes does not allow', {
    hint: `${DEFAULT_STORE_FORM}; STORE is lower-case letters, digits, - and .`,
  });
}

function readQuery(text: string, raw: string, allowed: readonly string[]): Query {
  const query = new Map<string, string | undefined>();
  for (const parameter of raw.split('&')) {
    const [name, rawValue] = cut(parameter, '=');
    if (!allowed.includes(name)) {
      const known = `Use ${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}`;
      if (name === 'default') throw invalid(text, 'has a default, which env-from does not take', known);
      if (name === 'prefix') throw invalid(text, 'has a prefix, which only env-from takes', known);
      throw invalid(text, 'has an unknown parameter after ?', `${known}, and write & inside a value as %26`);
    }
    if (query.has(name)) throw invalid(text, `has ${name} twice`, 'Keep one of them');
    const value = rawValue === undefined ? undefined : decode(text, rawValue, name);
    checkParameter(text, name, value);
    query.set(name, value);
  }
  return query;
}

function checkParameter(text: string, name: string, value: string | undefined): void {
  if (name === 'optional' && value !== undefined && value !== 'true' && value !== 'false') {
    throw invalid(text, 'has an optional that is neither true nor false', 'Write optional, without a value');
  }
  if (name === 'decode' && !DECODES.some((known) => known === value)) {
    throw invalid(text, 'has an unknown decode', `Use decode=${DECODES.join(', ')}`);
  }
  if (name === 'version' && (value ?? '') === '') {
    throw invalid(text, 'has a version without a value', 'Write version=V, or leave it out for the latest');
  }
  if (name === 'default' && value === undefined) {
    throw invalid(text, 'has a default without a value', 'Write default=TEXT, or default= for the empty text');
  }
}

function readProperty(text: string, raw: string): string {
  if (raw === '') throw invalid(text, 'has nothing after #', 'Name a property, or remove the #');
  // `?` is a gjson wildcard, so only what looks like one of our parameters counts as misplaced.
  if (/\?(?:version=|decode=|optional(?:[=&]|$)|default=|prefix=)/.test(raw)) {
    throw invalid(text, 'has parameters after #', 'Put them before it: secretstore://STORE/KEY?optional#PROPERTY');
  }
  return decode(text, raw, 'property');
}

function decode(text: string, raw: string, part: string): string {
  const decoded = percentDecode(raw);
  if (decoded === undefined) throw invalid(text, `has a broken percent escape in its ${part}`, 'Write % as %25');
  if (decoded.length > MAX_PART_LENGTH) {
    throw invalid(text, `has a ${part} longer than ${MAX_PART_LENGTH} characters`, 'Shorten it');
  }
  // A default may span lines; nothing that a variable can hold contains NUL.
  const forbidden = part === 'default' ? /\0/ : /\p{Cc}/u;
  if (forbidden.test(decoded)) throw invalid(text, `has a control character in its ${part}`, 'Remove it');
  return decoded;
}

function percentDecode(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

function cut(text: string, separator: string): readonly [before: string, after: string | undefined] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + separator.length)];
}

function invalid(text: string, problem: string, hint: string): LatchkeyError {
  return new LatchkeyError('REF_INVALID', `reference "${quote(text)}" ${problem}`, { hint });
}

/** The beginning of a reference, for its reader. Stops before the parameters: a default may be secret. */
function quote(text: string): string {
  const end = text.search(/[?&\s\p{C}]|default(?:=|%3d)/iu);
  const shown = (end < 0 ? text : text.slice(0, end)).slice(0, MAX_QUOTE_LENGTH);
  return shown.length < text.length ? `${shown.toWellFormed()}…` : shown;
}
