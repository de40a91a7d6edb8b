import type { RE2JS } from 're2js';
import { didYouMean } from '../../did-you-mean.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Fetched, FindQuery, Found, RemoteRef, SecretsClient } from '../provider.ts';
import type { Entry } from './entries.ts';

export function createFakeClient(entries: readonly Entry[]): SecretsClient {
  const patterns = new Map<string, RE2JS>();

  return {
    async read(ref): Promise<Fetched> {
      const version = ref.version ?? '';
      const entry = entries.find((candidate) => candidate.key === ref.key && candidate.version === version);
      if (entry === undefined) throw notFound(ref, entries);
      return version === '' ? { value: entry.value } : { value: entry.value, version };
    },

    async find(query): Promise<readonly Found[]> {
      const pattern = await compile(regexpOf(query), patterns);
      const matching = entries.filter((entry) => pattern.matcher(entry.key).find());
      return newest(matching).map(({ key, value }) => ({ key, value }));
    },
  };
}

function regexpOf(query: FindQuery): string {
  if (query.name !== undefined) return query.name.regexp;
  throw new LatchkeyError('REF_INVALID', 'the fake provider finds by name only', { hint: 'Write find.name.regexp' });
}

/** Go's regular expressions, which match anywhere in a name. */
async function compile(regexp: string, patterns: Map<string, RE2JS>): Promise<RE2JS> {
  const known = patterns.get(regexp);
  if (known !== undefined) return known;
  const { RE2JS } = await import('re2js');
  try {
    const pattern = RE2JS.compile(regexp);
    if (patterns.size >= MAX_PATTERNS) patterns.clear();
    patterns.set(regexp, pattern);
    return pattern;
  } catch (error) {
    throw new LatchkeyError('REF_INVALID', 'find.name.regexp is not a regular expression that Go (RE2) accepts', {
      hint: 'Correct it: look-around and back-references do not exist there',
      cause: error,
    });
  }
}

const MAX_PATTERNS = 64; // one a definition that uses the store; more than enough for a fake

/** One entry a key: that of the greatest version, compared as text. */
function newest(entries: readonly Entry[]): readonly Entry[] {
  const byKey = new Map<string, Entry>();
  for (const entry of entries) {
    const other = byKey.get(entry.key);
    if (other === undefined || other.version < entry.version) byKey.set(entry.key, entry);
  }
  return [...byKey.values()];
}

function notFound(ref: RemoteRef, entries: readonly Entry[]): LatchkeyError {
  const versions = entries.filter(({ key }) => key === ref.key).map(({ version }) => version || 'none');
  if (versions.length > 0) {
    const wanted = ref.version === undefined ? 'without a version' : `of version "${ref.version}"`;
    return new LatchkeyError('SECRET_NOT_FOUND', `the store has no secret "${ref.key}" ${wanted}`, {
      hint: `Ask for a version it has: ${versions.slice(0, MAX_VERSIONS).join(', ')}`,
    });
  }
  const meant = didYouMean(
    ref.key,
    entries.map(({ key }) => key),
  );
  return new LatchkeyError('SECRET_NOT_FOUND', `the store has no secret "${ref.key}"`, {
    hint: meant === undefined ? 'Add it to the data of the store, or correct the key' : `Did you mean "${meant}"?`,
  });
}

const MAX_VERSIONS = 10;
