import { shellCommand, shellWord } from '../../shell-word.ts';
import type { Grant, GrantReader } from '../grant.ts';
import type { Asked, RemoteRef } from '../provider.ts';
import { describeSelector } from '../selector.ts';
import { memberOf } from './federation.ts';
import { bindFound, bindLister } from './find-grants.ts';
import { impersonationOf } from './impersonation.ts';
import { secretName } from './names.ts';
import type { GcpsmSettings } from './settings.ts';

const ACCESSOR = 'roles/secretmanager.secretAccessor';
const VIEWER = 'roles/secretmanager.viewer';
/** Conditions know no labels and no expressions. */
const FOUND_NOTE =
  'what is found is opened by the beginning of its name, in the whole project; the role latchkeySecretLister is created once';

interface Way {
  readonly member: string;
  readonly login: readonly Grant[];
  readonly note?: string;
}

/** A binding on each secret, and those that let the ServiceAccount act as the Google service account in between. */
export function gcpsmGrants(settings: GcpsmSettings, asked: Asked, reader: GrantReader): readonly Grant[] {
  const { member, login, note } = wayOf(settings, reader);
  const read = { purpose: 'read', principal: member, language: 'sh' } as const;
  const { refs, finds } = asked;
  const bind = (role: string) => (key: string) => bindSecret(key, role, member, settings);
  const bindFinds = (role: string) => [...new Set(finds.map((query) => bindFound(query, role, member, settings)))];
  for (const { key } of refs) secretName(key, settings); // throws for what is none
  const { values = [], described = [] } = Object.groupBy(refs, ({ metadata }) =>
    metadata === true ? 'described' : 'values',
  );
  const latest = keysOf(values.filter(({ version }) => version === undefined));
  const notes = [...(note === undefined ? [] : [note]), ...(finds.length > 0 ? [FOUND_NOTE] : [])];
  const grants: Grant[] = [
    ...login,
    {
      ...read,
      title: 'bindings that let it read what is referred to',
      text: [
        ...keysOf(values).map(bind(ACCESSOR)),
        ...keysOf(described).map(bind(VIEWER)),
        ...(finds.length > 0 ? [bindLister(member, settings), ...bindFinds(ACCESSOR)] : []),
      ].join(''),
      ...(notes.length > 0 && { note: notes.join('; ') }),
    },
  ];
  if (!settings.skipsDisabled || latest.length + finds.length === 0) return grants;
  return [
    ...grants,
    {
      ...read,
      title: 'bindings that let it list versions',
      text: [...latest.map(bind(VIEWER)), ...bindFinds(VIEWER)].join(''),
      note: 'LatestOrFetch needs them where the latest version is disabled',
      optional: true,
    },
  ];
}

function wayOf({ auth }: GcpsmSettings, { serviceAccount }: GrantReader): Way {
  if (auth.method === 'key' || serviceAccount === undefined) {
    const where = auth.method === 'key' ? describeSelector(auth.key) : 'the store';
    return {
      member: 'serviceAccount:CLIENT_EMAIL',
      login: [],
      note: `CLIENT_EMAIL stands for the client_email of the key in ${where}`,
    };
  }
  const own = memberOf(auth.federation, serviceAccount);
  const account = impersonationOf(auth.impersonate, serviceAccount);
  if (account === undefined) return { member: own, login: [] };

  // Each lets the one before it act as itself; only the first one is asked by somebody outside of Google.
  const chain = [...account.delegates, account.email];
  const login = chain.map((email, index): Grant => {
    const before = chain[index - 1];
    const [member, role] =
      before === undefined
        ? [own, 'roles/iam.workloadIdentityUser']
        : [`serviceAccount:${before}`, 'roles/iam.serviceAccountTokenCreator'];
    return {
      purpose: 'login',
      title: `binding that lets it act as ${email}`,
      principal: member,
      language: 'sh',
      text: shellCommand(
        `gcloud iam service-accounts add-iam-policy-binding ${shellWord(email)}`,
        `--role=${role}`,
        shellWord(`--member=${member}`),
      ),
    };
  });
  return { member: `serviceAccount:${account.email}`, login };
}

function bindSecret(key: string, role: string, member: string, { project, location }: GcpsmSettings): string {
  const place = location === undefined ? '' : ` --location=${location}`;
  return shellCommand(
    `gcloud secrets add-iam-policy-binding ${key} ${shellWord(`--project=${project}`)}${place}`,
    `--role=${role}`,
    shellWord(`--member=${member}`),
  );
}

function keysOf(refs: readonly RemoteRef[]): readonly string[] {
  return [...new Set(refs.map(({ key }) => key))].toSorted();
}
