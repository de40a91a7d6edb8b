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

/** Name or tags must be given: everything that an identity may see is hardly meant. */
export async function readQuery({ path, name, tags = {} }: FindQuery): Promise<Search> {
  if (name === undefined && Object.keys(tags).length === 0) {
    throw new LatchkeyError('REF_INVALID', 'find has neither name nor tags', {
      hint: 'Set find.name.regexp or find.tags',
    });
  }
  const matches = name === undefined ? () => true : await compileName(name.regexp);
  return { path: path === '' ? undefined : path, tags, byName: name !== undefined, matches };
}

export function checkFound(count: number, { path = '/' }: Pick<Search, 'path'>): void {
  if (count <= MAX_FOUND) return;
  throw new LatchkeyError('VALUE_TOO_LARGE', `find would read more than ${MAX_FOUND} secrets below "${path}"`, {
    hint: 'Narrow find.path, find.name or find.tags',
  });
}
