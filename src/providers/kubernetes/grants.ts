import { stringify } from 'yaml';
import type { Grant, GrantReader } from '../grant.ts';
import type { Asked } from '../provider.ts';
import { describeSelector } from '../selector.ts';
import type { AuthSettings } from './auth-settings.ts';
import { serverOf } from './scene.ts';
import { checkSecretName } from './secret-name.ts';
import type { KubernetesSettings } from './settings.ts';

const FOUND_NOTE = 'find takes the right to list, which opens every Secret of the namespace';

/** How the other cluster calls whoever asks. */
interface Subject {
  /** Or a word that stands for it. */
  readonly user: string;
  readonly title: string;
  readonly roleName: string;
  readonly note: string;
}

/** A Role that names each Secret, bound to the user that the other cluster takes the reader for. */
export function kubernetesGrants(
  settings: KubernetesSettings,
  { refs, finds }: Asked,
  reader: GrantReader,
): readonly Grant[] {
  for (const { key } of refs) checkSecretName(key);
  const { auth, server, namespace } = settings;
  const { user, title, roleName, note } = subjectOf(auth, reader);
  const resourceNames = [...new Set(refs.map(({ key }) => key))].toSorted();
  // Who may list Secrets is shown what all of them hold: names would narrow nothing.
  const allowed = finds.length === 0 ? { resourceNames, verbs: ['get'] } : { verbs: ['get', 'list'] };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name: roleName, namespace };
  const manifests = [
    {
      apiVersion,
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['secrets'], ...allowed }],
    },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: roleName },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    },
  ];
  const where = auth.method === 'kubeconfig' ? 'the cluster of that kubeconfig' : serverOf(server);
  return [
    {
      purpose: 'read',
      title: 'Role that reads what is referred to, and its binding',
      principal: `${title} at ${where}`,
      language: 'yaml',
      text: manifests.map((manifest) => `---\n${toYaml(manifest)}`).join(''),
      note: finds.length === 0 ? note : `${FOUND_NOTE}; ${note}`,
    },
  ];
}

function subjectOf(auth: AuthSettings, { serviceAccount }: GrantReader): Subject {
  if (auth.method === 'identity' && serviceAccount !== undefined) {
    const { namespace, name } = serviceAccount;
    const user = `system:serviceaccount:${namespace}:${name}`;
    return {
      user,
      title: `user ${user}`,
      roleName: `latchkey-${namespace}-${name}`,
      note: "that cluster may put a prefix before the names of this one's users; write it before the name",
    };
  }
  const selector = selectorOf(auth);
  return {
    user: 'USER',
    title: selector === undefined ? 'the user' : `the user of ${describeSelector(selector)}`,
    roleName: `latchkey-${selector?.name ?? 'user'}`,
    note: 'USER stands for the name by which that cluster knows the credential',
  };
}

function selectorOf(auth: AuthSettings) {
  switch (auth.method) {
    case 'identity':
      return undefined;
    case 'token':
      return auth.token;
    case 'certificate':
      return auth.cert;
    case 'kubeconfig':
      return auth.kubeconfig;
  }
}

/** Kubernetes reads YAML 1.1; every place is written out, without anchors. */
function toYaml(manifest: object): string {
  return stringify(manifest, { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false });
}
