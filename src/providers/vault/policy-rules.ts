import { LatchkeyError } from '../../errors.ts';
import { literalPrefix } from '../literal-prefix.ts';
import type { Asked, FindQuery, RemoteRef } from '../provider.ts';
import { checkQuery } from './find.ts';
import { dataPath, metadataPath, namedSecretPath, type SecretPath, secretPath, splitMount } from './paths.ts';
import type { VaultSettings } from './settings.ts';

export type Capability = 'list' | 'read';
/** Capabilities by path, as policies have them: a `*` at the end is any continuation. */
export type PolicyRules = ReadonlyMap<string, ReadonlySet<Capability>>;

/** What policies take for a pattern: a segment `+`, a `*` at the end, and `{{…}}`, which is filled in from the caller. */
const PATTERN = /(?:^|\/)\+(?:\/|$)|\*$|\{\{/;

/** What a policy must allow, as the namespace of the login sees it, where policies stand. */
export function policyRules({ refs, finds }: Asked, settings: VaultSettings): PolicyRules {
  const rules = new Map<string, Set<Capability>>();
  for (const ref of refs) add(exactPath(ref, settings), 'read');
  for (const query of finds) addFind(query);
  return new Map(Array.from(rules, ([path, own]) => [path, new Set([...own, ...inherited(path)])]));

  function addFind(query: FindQuery): void {
    const { root, rest } = placeOf(query, settings);
    const { version } = settings;
    const tags = query.name === undefined ? Object.keys(query.tags ?? {}) : [];
    const [listed, found] = [metadataPath(root, version), dataPath(root, version)].map((segments) =>
      pathOf([...segments, ''], settings),
    );
    add(`${listed}*`, 'list');
    if (tags.length > 0) add(`${listed}*`, 'read');
    add(`${found}${PATTERN.test(`${found}${rest}`) ? '' : rest}*`, 'read');
  }

  function add(path: string, capability: Capability): void {
    rules.set(path, (rules.get(path) ?? new Set()).add(capability));
  }

  /** Of all rules that cover a path Vault goes by the longest alone. */
  function inherited(path: string): ReadonlySet<Capability> {
    const wider = [...rules].filter(([other]) => path.endsWith('*') && path.startsWith(other.replace(/\*$/, '')));
    return new Set(wider.flatMap(([, capabilities]) => [...capabilities]));
  }
}

/** Where a query looks, and what names must go on with below it. */
function placeOf(query: FindQuery, settings: VaultSettings): { readonly root: SecretPath; readonly rest: string } {
  const path = checkQuery(query, settings);
  const root = path === '' ? { mount: settings.mount, name: [] } : secretPath(path, settings);
  const prefix = literalPrefix(query.name?.regexp);
  const folder = path === '' ? '' : `${path}/`;
  return { root, rest: prefix.startsWith(folder) ? prefix.slice(folder.length) : '' };
}

function exactPath({ key, metadata }: RemoteRef, settings: VaultSettings): string {
  const secret = namedSecretPath(key, settings);
  return pathOf((metadata === true ? metadataPath : dataPath)(secret, settings.version), settings);
}

function pathOf(inside: readonly string[], settings: VaultSettings): string {
  const path = [...namespaceBelow(settings), ...inside].join('/');
  if (!PATTERN.test(path)) return path;
  throw new LatchkeyError('REF_INVALID', `no policy can name "${path}" alone: it would match other paths, too`, {
    hint: 'Give the secret another name, or write its policy by hand',
  });
}

function namespaceBelow({ namespace, auth }: VaultSettings): readonly string[] {
  const [inside, outside] = [splitMount(namespace), splitMount(auth.namespace)];
  return outside.every((segment, index) => inside[index] === segment) ? inside.slice(outside.length) : [];
}
