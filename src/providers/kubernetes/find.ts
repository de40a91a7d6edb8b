import pLimit from 'p-limit';
import { LatchkeyError } from '../../errors.ts';
import { isMapping } from '../../fields.ts';
import { compileName } from '../name-matcher.ts';
import type { Call, Fetched, FindQuery, Found, RemoteRef } from '../provider.ts';
import type { Ask } from './api.ts';
import { fromAnswer } from './errors.ts';
import { notKubernetes, type Scene } from './scene.ts';

export interface Finder {
  readonly ask: Ask;
  readonly scene: Scene;
  /** The path of the namespace's Secrets. */
  readonly secrets: string;
  readonly maxResponseBytes: number;
  read(ref: RemoteRef, call: Call): Promise<Fetched>;
}

const CONCURRENCY = 8;
const PAGE = '500';
const MAX_PAGES = 20;
const MAX_SECRETS = 1000;
/** Names alone: a list with values is larger than any limit where Helm keeps its releases. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/;

/** Every Secret of the namespace with all labels (the query's tags), else whose name matches. A path counts for nothing. */
export async function findSecrets(query: FindQuery, call: Call, finder: Finder): Promise<readonly Found[]> {
  const { matches, labelSelector } = await selectionOf(query);
  const names = (await listNames(labelSelector, call, finder)).filter(matches);
  if (names.length > MAX_SECRETS) throw tooMuch(`more than ${MAX_SECRETS} Secrets`);

  const limit = pLimit(CONCURRENCY);
  let bytes = 0;
  try {
    const found = await limit.map(names, async (key) => {
      const fetched = await unlessAbsent(finder.read({ key }, call));
      bytes += fetched?.value.size ?? 0;
      if (bytes > finder.maxResponseBytes) throw tooMuch(`more than ${finder.maxResponseBytes} bytes`);
      return fetched === undefined ? [] : [{ key, value: fetched.value }];
    });
    return found.flat();
  } finally {
    limit.clearQueue(); // after a failure nobody waits for the others
  }
}

async function selectionOf({
  name,
  tags,
}: FindQuery): Promise<{ matches: (name: string) => boolean; labelSelector?: string }> {
  if (tags !== undefined) return { matches: () => true, labelSelector: toSelector(tags) };
  if (name !== undefined) return { matches: await compileName(name.regexp) };
  throw invalid('find names neither name nor tags', 'Set find.name.regexp, or find.tags to labels');
}

function toSelector(tags: Readonly<Record<string, string>>): string {
  const labels = Object.entries(tags);
  const wrong = labels.find(([key, value]) => !LABEL_KEY.test(key) || !LABEL_VALUE.test(value));
  if (wrong !== undefined)
    throw invalid('find.tags holds what is no label of Kubernetes', 'Correct its keys and values');
  return labels.map(([key, value]) => `${key}=${value}`).join(',');
}

async function listNames(labelSelector: string | undefined, call: Call, finder: Finder): Promise<readonly string[]> {
  const names: string[] = [];
  let next = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = {
      limit: PAGE,
      ...(labelSelector !== undefined && { labelSelector }),
      ...(next !== '' && { continue: next }),
    };
    const answer = await finder.ask({ path: finder.secrets, query, accept: METADATA_ONLY }, call);
    if (answer.status !== 200) throw fromAnswer(answer, { kind: 'list' }, finder.scene);
    const { kind, metadata, items } = answer.body ?? {};
    if (typeof kind !== 'string' || !kind.endsWith('List') || !isMapping(metadata)) {
      throw notKubernetes(answer.status, finder.scene);
    }

    // `items` is null where there are none.
    names.push(...(Array.isArray(items) ? items : []).map(nameOf).filter((name) => name !== undefined));
    const { continue: more } = metadata;
    if (typeof more !== 'string' || more === '') return names;
    next = more;
  }
  throw tooMuch(`a namespace of more than ${MAX_PAGES} pages`);
}

function nameOf(item: unknown): string | undefined {
  const metadata = isMapping(item) ? item['metadata'] : undefined;
  const name = isMapping(metadata) ? metadata['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** One that went away since the list. */
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

function tooMuch(what: string): LatchkeyError {
  return new LatchkeyError('VALUE_TOO_LARGE', `find would read ${what}`, { hint: 'Narrow find.name or find.tags' });
}
