import { LatchkeyError } from '../../errors.ts';
import { shellCommand, shellWord } from '../../shell-word.ts';
import type { Grant, GrantReader } from '../grant.ts';
import type { Asked, SecretKeySelector } from '../provider.ts';
import { describeSelector } from '../selector.ts';
import { parseObjectName } from './object-name.ts';
import { principalOf } from './principal.ts';
import { type ObjectKind, vaultName } from './scene.ts';
import type { AzurekvSettings } from './settings.ts';

interface Client {
  /** Or a word that stands for it. */
  readonly id: string;
  readonly title: string;
}

/** The smallest built-in roles that read an object, and the same in vaults with access policies. */
const RIGHTS = {
  secret: { collection: 'secrets', role: 'Key Vault Secrets User', policy: '--secret-permissions get' },
  key: { collection: 'keys', role: 'Key Vault Reader', policy: '--key-permissions get' },
  certificate: { collection: 'certificates', role: 'Key Vault Reader', policy: '--certificate-permissions get' },
} as const satisfies Record<ObjectKind, { collection: string; role: string; policy: string }>;

const UNKNOWN = 'CLIENT_ID';

/** A role on each object, and the federated credential that lets the ServiceAccount in as the client. */
export function azurekvGrants(settings: AzurekvSettings, asked: Asked, reader: GrantReader): readonly Grant[] {
  const client = clientOf(settings, reader);
  return [...loginGrants(settings, client, reader), readGrant(settings, asked, client)];
}

function readGrant({ host }: AzurekvSettings, { refs, finds }: Asked, client: Client): Grant {
  const objects = Map.groupBy(
    refs.map((ref) => parseObjectName(ref)),
    ({ kind, name }) => `${RIGHTS[kind].collection}/${name}`,
  );
  const sorted = [...objects].toSorted(([left], [right]) => (left < right ? -1 : 1));
  const vault = shellWord(vaultName({ host }));
  const assignments = sorted.flatMap(([path, [object]]) => {
    return object ? [assignRole(RIGHTS[object.kind].role, `/${path}`, client, vault)] : [];
  });
  const policies = new Set<string>([...objects.values()].flat().map(({ kind }) => RIGHTS[kind].policy));
  if (finds.length > 0) {
    // Its role lists as well, and only the vault as a whole can be listed.
    assignments.push(assignRole(RIGHTS.secret.role, '', client, vault));
    policies.delete(RIGHTS.secret.policy);
    policies.add(`${RIGHTS.secret.policy} list`);
  }
  const notes = [
    ...(client.id === UNKNOWN ? [`${UNKNOWN} stands for the client id`] : []),
    ...(finds.length > 0 ? ['find takes a role on the vault as a whole, which opens all of its secrets'] : []),
  ];
  return {
    purpose: 'read',
    title: 'roles that let it read what is referred to',
    principal: client.title,
    language: 'sh',
    text: [
      ...assignments,
      '# A vault with access policies in place of roles can only be opened as a whole:\n',
      `# az keyvault set-policy --name ${vault} --spn ${client.id} ${[...policies].join(' ')}\n`,
    ].join(''),
    ...(notes.length > 0 && { note: notes.join('; ') }),
  };
}

/** `path` is what stands behind the vault's own id. */
function assignRole(role: string, path: string, { id }: Client, vault: string): string {
  return shellCommand(
    `az role assignment create --role ${shellWord(role)}`,
    `--assignee ${id}`,
    `--scope "$(az keyvault show --name ${vault} --query id -o tsv)${path}"`,
  );
}

function loginGrants(
  { auth }: AzurekvSettings,
  { id, title }: Client,
  { serviceAccount, issuer }: GrantReader,
): readonly Grant[] {
  if (auth.method !== 'workloadIdentity' || serviceAccount === undefined) return [];
  const { namespace, name } = serviceAccount;
  const subject = `system:serviceaccount:${namespace}:${name}`;
  // What Entra takes as a name: 3 to 120 letters, digits, "-" and "_".
  const credential = `${namespace}-${name}`.replaceAll(/[^\w-]/g, '-').slice(0, 120);
  const parameters = { name: credential, issuer, subject, audiences: [auth.audience] };
  const ofIdentity = [
    `--name ${credential} --identity-name NAME --resource-group GROUP`,
    `--issuer ${shellWord(issuer)} --subject ${shellWord(subject)} --audiences ${shellWord(auth.audience)}`,
  ];
  return [
    {
      purpose: 'login',
      title: `federated credential that lets ServiceAccount ${namespace}/${name} in`,
      principal: title,
      language: 'sh',
      text: [
        shellCommand(
          `az ad app federated-credential create --id ${id}`,
          `--parameters ${shellWord(JSON.stringify(parameters))}`,
        ),
        '# For a managed identity in place of an application:\n',
        `# az identity federated-credential create ${ofIdentity.join(' ').replaceAll(/\s/g, ' ')}\n`,
      ].join(''),
    },
  ];
}

function clientOf({ auth, tenantId }: AzurekvSettings, { serviceAccount }: GrantReader): Client {
  switch (auth.method) {
    case 'managedIdentity':
      return auth.identityId === undefined
        ? { id: UNKNOWN, title: "the identity of Latchkey's own node" }
        : { id: shellWord(auth.identityId), title: `client ${auth.identityId}` };
    case 'servicePrincipal':
      return clientIn(auth.clientId);
    case 'workloadIdentity': {
      const principal = serviceAccount && principalOf(serviceAccount, auth, tenantId);
      if (principal instanceof LatchkeyError) throw principal;
      if (principal?.clientId !== undefined) return { id: principal.clientId, title: `client ${principal.clientId}` };
      return auth.clientId === undefined ? { id: UNKNOWN, title: 'the client' } : clientIn(auth.clientId);
    }
  }
}

function clientIn(selector: SecretKeySelector): Client {
  return { id: UNKNOWN, title: `the client whose id is in ${describeSelector(selector)}` };
}
