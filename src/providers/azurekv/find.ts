import pLimit from 'p-limit';
import { LatchkeyError } from '../../errors.ts';
import { compileName } from '../name-matcher.ts';
import type { Call, FindQuery, Found } from '../provider.ts';
import { SecretValue } from '../../secret-value.ts';
import type { KeyVault } from './key-vault.ts';

/** What is known of a secret before its value is read. */
interface ListedSecret {
  readonly name: string;
  readonly enabled?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

const CONCURRENCY = 8;
const MAX_PAGES = 400; // of 25: Key Vault sends no larger ones, and may send empty ones
const MAX_SECRETS = 1000;

/**
 * Enabled secrets whose name matches and that have all the tags; all of them where the query names neither. As in External
 * Secrets, `path` means nothing here: names of a vault have no parts. Secrets that went away meanwhile are passed over.
 */
export async function findSecrets(query: FindQuery, vault: KeyVault, { signal }: Call): Promise<readonly Found[]> {
  const names = await listMatching(await matcherOf(query), vault, signal);
  const limit = pLimit(CONCURRENCY);
  const found = await limit.map(names, async (key) => {
    const value = await readUnlessAbsent(key, vault, signal);
    return value === undefined ? [] : [{ key, value }];
  });
  return found.flat();
}

async function listMatching(
  matches: (secret: ListedSecret) => boolean,
  vault: KeyVault,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names: string[] = [];
  let pages = 0;
  for await (const page of vault.list(signal)) {
    names.push(...page.filter(matches).map(({ name }) => name));
    pages += 1;
    if (names.length > MAX_SECRETS) throw tooMany(`more than ${MAX_SECRETS} secrets`);
    if (pages > MAX_PAGES) throw tooMany(`more than ${MAX_PAGES} pages of secrets`);
  }
  return names;
}

async function matcherOf({ name, tags = {} }: FindQuery): Promise<(secret: ListedSecret) => boolean> {
  const wanted = Object.entries(tags);
  const matchesName = name === undefined ? () => true : await compileName(name.regexp);
  return (secret) =>
    secret.enabled === true &&
    matchesName(secret.name) &&
    wanted.every(
      ([tag, value]) => secret.tags !== undefined && Object.hasOwn(secret.tags, tag) && secret.tags[tag] === value,
    );
}

async function readUnlessAbsent(name: string, vault: KeyVault, signal: AbortSignal): Promise<SecretValue | undefined> {
  try {
    return SecretValue.fromText((await vault.secret(name, undefined, signal)).value);
  } catch (error) {
    if (LatchkeyError.from(error).code === 'SECRET_NOT_FOUND') return undefined;
    throw error;
  }
}

function tooMany(what: string): LatchkeyError {
  return new LatchkeyError('VALUE_TOO_LARGE', `find would read ${what}`, {
    hint: 'Narrow find.name or find.tags, or divide the vault',
  });
}
