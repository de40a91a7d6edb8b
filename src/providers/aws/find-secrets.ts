import {
  type Filter,
  ListSecretsCommand,
  type SecretListEntry,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Call, FindQuery, Found } from '../provider.ts';
import { type Access, ask } from './access.ts';
import { checkFound, readQuery, type Search } from './find-query.ts';
import { type FoundReader, readFound } from './read-found.ts';
import type { AccessStep } from './scene.ts';
import { hasTags } from './tags.ts';
import type { Quota } from './token-bucket.ts';

export interface SecretFinder extends FoundReader {
  readonly access: Access;
  readonly client: SecretsManagerClient;
}

const PAGE = 100; // the most that AWS gives at once
const MAX_TAGS = 4; // of ten filters; all tags are compared here anyway
const LIST: Quota = { name: 'secretsmanager:ListSecrets', perSecond: 100 };
const STEP: AccessStep = { kind: 'access', does: 'list secrets', action: 'secretsmanager:ListSecrets', resource: '*' };

/** Every secret whose name begins with `path` and matches, and that has all tags, by its full name. The store's prefix plays no part. */
export async function findSecrets(query: FindQuery, call: Call, finder: SecretFinder): Promise<readonly Found[]> {
  const search = await readQuery(query);
  return readFound(await listNames(search, call, finder), finder);
}

async function listNames(search: Search, call: Call, { access, client }: SecretFinder): Promise<readonly string[]> {
  const names: string[] = [];
  const filters = filtersOf(search);
  let next: string | undefined;
  do {
    const command = new ListSecretsCommand({ Filters: filters, MaxResults: PAGE, NextToken: next });
    const send = () => client.send(command, { abortSignal: call.signal });
    const page = await ask(access, { step: STEP, quota: LIST, call, send });
    names.push(...(page.SecretList ?? []).filter((entry) => isWanted(entry, search)).map(({ Name = '' }) => Name));
    checkFound(names.length, search);
    next = page.NextToken;
  } while (next !== undefined);
  return names;
}

/** AWS compares beginnings only, and tags' keys apart from their values: its answer is a first cut. */
function filtersOf({ path, tags }: Search): Filter[] {
  const byName: readonly Filter[] = path === undefined ? [] : [{ Key: 'name', Values: [path] }];
  const byTag = Object.entries(tags)
    .slice(0, MAX_TAGS)
    .flatMap(([key, value]): readonly Filter[] => [
      { Key: 'tag-key', Values: [key] },
      ...(value === '' ? [] : [{ Key: 'tag-value' as const, Values: [value] }]),
    ]);
  return [...byName, ...byTag];
}

function isWanted({ Name = '', Tags }: SecretListEntry, { path = '', tags, matches }: Search): boolean {
  return Name !== '' && Name.startsWith(path) && matches(Name) && hasTags(Tags, tags);
}
