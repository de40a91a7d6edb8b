import pLimit from 'p-limit';
import { LatchkeyError } from '../../errors.ts';
import { compileName } from '../name-matcher.ts';
import type { Fetched, FindQuery, Found } from '../provider.ts';
import { lastPart, parentName } from './names.ts';
import type { DescribedSecret, Page, PageRequest } from './secret-manager.ts';
import type { GcpsmSettings } from './settings.ts';

export interface Finder {
  readonly settings: GcpsmSettings;
  list(page: PageRequest): Promise<Page<DescribedSecret>>;
  read(key: string): Promise<Fetched>;
}

type Matcher = (secret: DescribedSecret) => boolean;

const CONCURRENCY = 8;
const PAGE_SIZE = 1000;
const MAX_PAGES = 25;
const MAX_SECRETS = 1000;
const NAME_PART = /^[A-Za-z0-9_-]+$/;
/** Google's own rule for labels; it keeps a filter from saying more than it should. */
const LABEL = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;

/**
 * Secrets whose name matches, else those with all the labels, as External Secrets finds them: names are matched without
 * the project, `path` is their beginning. Secrets whose latest version holds no value are passed over.
 */
export async function findSecrets(query: FindQuery, finder: Finder): Promise<readonly Found[]> {
  checkQuery(query);
  const matches = await matcherOf(query);
  const keys = await listMatching(filterOf(query), matches, finder);
  const limit = pLimit(CONCURRENCY);
  const found = await limit.map(keys, async (key) => {
    const fetched = await unlessAbsent(finder.read(key));
    return fetched === undefined ? [] : [{ key, value: fetched.value }];
  });
  return found.flat();
}

async function listMatching(filter: string, matches: Matcher, finder: Finder): Promise<readonly string[]> {
  const keys: string[] = [];
  let pageToken = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, nextPageToken } = await finder.list({
      parent: parentName(finder.settings),
      filter,
      pageSize: PAGE_SIZE,
      pageToken,
    });
    keys.push(...items.filter(matches).map(({ name }) => lastPart(name)));
    if (keys.length > MAX_SECRETS) throw tooMany(`more than ${MAX_SECRETS} secrets`);
    if (nextPageToken === '') return keys;
    pageToken = nextPageToken;
  }
  throw tooMany(`more than ${MAX_PAGES} pages of secrets`);
}

/** Throws REF_INVALID for what Google cannot be asked. */
export function checkQuery({ path, name, tags = {} }: FindQuery): void {
  const labels = name === undefined ? Object.entries(tags) : [];
  if (name === undefined && labels.length === 0) {
    throw invalid('find names neither a name nor tags', 'Set find.name.regexp or find.tags');
  }
  if (path !== undefined && path !== '' && !NAME_PART.test(path)) {
    throw invalid(`find.path ${JSON.stringify(path)} begins no name of a secret`, 'Correct it, or leave it out');
  }
  if (labels.some(([key, value]) => key === '' || !LABEL.test(key) || !LABEL.test(value))) {
    throw invalid('find.tags are no labels of Google', 'Write lower-case letters, digits, "-" and "_"');
  }
}

/** What Google filters by. It takes `name:x` for "holds x somewhere", so beginnings are matched here. */
function filterOf({ path, name, tags = {} }: FindQuery): string {
  const labels = name === undefined ? Object.entries(tags) : [];
  const terms = labels.map(([key, value]) => `labels.${key}=${value}`);
  return [...terms, ...(path === undefined || path === '' ? [] : [`name:${path}`])].join(' ');
}

async function matcherOf({ path = '', name, tags = {} }: FindQuery): Promise<Matcher> {
  const begins: Matcher = (secret) => lastPart(secret.name).startsWith(path);
  if (name === undefined) {
    return (secret) => begins(secret) && Object.entries(tags).every(([key, value]) => secret.labels[key] === value);
  }
  const matches = await compileName(name.regexp);
  return (secret) => begins(secret) && matches(lastPart(secret.name));
}

async function unlessAbsent(reading: Promise<Fetched>): Promise<Fetched | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (LatchkeyError.from(error).code === 'SECRET_NOT_FOUND') return undefined;
    throw error;
  }
}

function invalid(message: string, hint: string): LatchkeyError {
  return new LatchkeyError('REF_INVALID', message, { hint });
}

function tooMany(what: string): LatchkeyError {
  return new LatchkeyError('VALUE_TOO_LARGE', `find would read ${what}`, { hint: 'Narrow find.path, or the labels' });
}
