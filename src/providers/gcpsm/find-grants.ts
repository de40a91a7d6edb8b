import { LatchkeyError } from '../../errors.ts';
import { shellCommand, shellWord } from '../../shell-word.ts';
import { literalPrefix } from '../literal-prefix.ts';
import type { FindQuery } from '../provider.ts';
import { checkQuery } from './find.ts';
import type { GcpsmSettings } from './settings.ts';

const LISTER = 'latchkeySecretLister';
const NAME_BEGINNING = /^[A-Za-z0-9_-]*$/;

/** Google has no smaller role of its own than one that also tells labels and versions. */
export function bindLister(member: string, { project }: GcpsmSettings): string {
  return [
    shellCommand(
      `gcloud iam roles create ${LISTER} ${shellWord(`--project=${project}`)}`,
      '--permissions=secretmanager.secrets.list',
    ),
    shellCommand(
      `gcloud projects add-iam-policy-binding ${shellWord(project)}`,
      shellWord(`--role=projects/${project}/roles/${LISTER}`),
      shellWord(`--member=${member}`),
      '--condition=None',
    ),
  ].join('');
}

/** A binding in the project whose condition is the beginning of the name, which is all that conditions know of a secret. */
export function bindFound(
  query: FindQuery,
  role: string,
  member: string,
  { project, location }: GcpsmSettings,
): string {
  const beginning = beginningOf(query);
  const place = location === undefined ? 'secrets' : `locations/${location}/secrets`;
  const number = `$(gcloud projects describe ${shellWord(project)} --format='value(projectNumber)')`;
  const name = `projects/${number}/${place}/${beginning}`;
  return shellCommand(
    `gcloud projects add-iam-policy-binding ${shellWord(project)}`,
    `--role=${role}`,
    shellWord(`--member=${member}`),
    `--condition="expression=resource.name.startsWith('${name}'),title=secrets-${beginning}"`,
  );
}

/** Throws REF_INVALID for a query that Google would not be asked, or that no name can answer. */
function beginningOf(query: FindQuery): string {
  checkQuery(query);
  const [beginning = ''] = [query.path ?? '', literalPrefix(query.name?.regexp)].toSorted(
    (a, b) => b.length - a.length,
  );
  if (NAME_BEGINNING.test(beginning)) return beginning;
  throw new LatchkeyError('REF_INVALID', `find: ${JSON.stringify(beginning)} begins no name of a secret`, {
    hint: 'Correct find.name.regexp',
  });
}
