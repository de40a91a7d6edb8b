import { LatchkeyError } from '../../errors.ts';
import { compileName } from '../name-matcher.ts';
import type { FindQuery } from '../provider.ts';

/** What `find` looks for. */
export interface Search {
  readonly path: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly byName: boolean;
  readonly matches: (name: string) => boolean;
}

const MAX_FOUND = 1000;

export async function readQuery({ path, name, tags = {} }: FindQuery): Promise<Search> {
  requireCriteria({ name, tags });
  const matches = name === undefined ? () => true : await compileName(name.regexp);
  return { path: path === '' ? undefined : path, tags, byName: name !== undefined, matches };
}

/** Name or tags must be given: everything that an identity may see is hardly meant. Throws REF_INVALID. */
export function requireCriteria({
  name,
  tags = {},
}: Pick<FindQuery, 'tags'> & { name?: FindQuery['name'] | undefined }) {
  if (name !== undefined || Object.keys(tags).length > 0) return;
  throw new LatchkeyError('REF_INVALID', 'find has neither name nor tags', {
    hint: 'Set find.name.regexp or find.tags',
  });
}

/** Where parameters are looked for: `/` without a path. */
export function parameterRoot({ path = '' }: { readonly path?: string | undefined }): string {
  return path.startsWith('/') ? path : `/${path}`;
}

export function checkFound(count: number, { path = '/' }: Pick<Search, 'path'>): void {
  if (count <= MAX_FOUND) return;
  throw new LatchkeyError('VALUE_TOO_LARGE', `find would read more than ${MAX_FOUND} secrets below "${path}"`, {
    hint: 'Narrow find.path, find.name or find.tags',
  });
}
