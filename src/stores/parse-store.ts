import { didYouMean } from '../did-you-mean.ts';
import { parseDurationMs } from '../duration.ts';
import { LatchkeyError } from '../errors.ts';
import { describeUnread, type FieldProblem, Fields, isMapping } from '../fields.ts';
import type { ConfiguredStore, Provider, ProviderLimits } from '../providers/provider.ts';
import type { ProviderKind } from '../providers/registry.ts';
import { checkSelectors } from './check-selectors.ts';
import { readConditions } from './namespace-conditions.ts';
import type { Store, StoreKind } from './store.ts';
import { storeKey } from './store-key.ts';

export interface ParseStoreOptions {
  readonly providerKinds: readonly ProviderKind[];
  readonly limitsFor: (provider: string) => ProviderLimits;
}

/** A store with what is strange about its manifest. */
export interface ParsedStore extends Store {
  /** Fields that nothing reads, each with its path: misspelt, without effect here, or another controller's. */
  readonly warnings: readonly string[];
}

type Head = Pick<Store, 'kind' | 'name' | 'namespace' | 'uid' | 'generation' | 'apiVersion' | 'podsAllowed'>;

/** Both have one shape. */
const API_VERSIONS = ['external-secrets.io/v1', 'external-secrets.io/v1beta1'];
const KINDS: readonly StoreKind[] = ['SecretStore', 'ClusterSecretStore'];
const PODS_ANNOTATION = 'latchkey.dev/pods';

/**
 * Reads a SecretStore or ClusterSecretStore, after loading the provider that it names. What is wrong with its spec stands,
 * all of it, in `problems`; fields we do not know only in `warnings`. Throws MANIFEST_INVALID for what is no store.
 */
export async function parseStore(manifest: unknown, options: ParseStoreOptions): Promise<ParsedStore> {
  const head = readHead(manifest);
  const problems: FieldProblem[] = [];
  const spec = Fields.of(isMapping(manifest) ? manifest['spec'] : undefined, 'spec', problems);

  const controller = spec.raw('controller') === '' ? '' : (spec.optionalText('controller') ?? '');
  const allowsNamespace = readNamespaces(head, spec);
  const refreshIntervalMs = readRefreshInterval(spec.raw('refreshInterval'));
  const { provider, configured } = await readProvider(head, spec, options);
  return {
    ...head,
    controller,
    provider,
    ...(refreshIntervalMs !== undefined && { refreshIntervalMs }),
    ...(configured !== undefined && problems.length === 0 && { configured }),
    problems: problems.map(({ path, message }) => `${path}: ${message}`),
    warnings: spec.unread().map(describeUnread),
    allowsNamespace,
  };
}

/** Whether the owner of a ClusterSecretStore opened it to Pods, whatever identity it is read with. */
export function arePodsAllowed(annotations: unknown): boolean {
  return isMapping(annotations) && annotations[PODS_ANNOTATION] === 'allowed';
}

function readHead(manifest: unknown): Head {
  const { apiVersion, kind: kindText, metadata } = isMapping(manifest) ? manifest : {};
  const kind = KINDS.find((one) => one === kindText);
  const { name, namespace = 'default', uid, generation, annotations } = isMapping(metadata) ? metadata : {};
  if (kind === undefined || typeof name !== 'string' || name === '' || typeof namespace !== 'string') {
    throw new LatchkeyError('MANIFEST_INVALID', 'the manifest is no SecretStore or ClusterSecretStore with a name', {
      hint: 'Correct kind and metadata',
    });
  }
  if (typeof apiVersion !== 'string' || !API_VERSIONS.includes(apiVersion)) {
    throw new LatchkeyError('MANIFEST_INVALID', `${kind} "${name}" has an apiVersion that Latchkey does not read`, {
      hint: `Write ${API_VERSIONS.join(' or ')}`,
    });
  }
  return {
    kind,
    name,
    ...(kind === 'SecretStore' && { namespace }),
    // A file has neither uid nor generation, and never a second version of itself.
    uid: typeof uid === 'string' ? uid : storeKey(kind, namespace, name),
    generation: typeof generation === 'number' ? generation : 0,
    apiVersion,
    podsAllowed: arePodsAllowed(annotations),
  };
}

function readNamespaces({ kind, namespace }: Head, spec: Fields): Store['allowsNamespace'] {
  return kind === 'ClusterSecretStore' ? readConditions(spec) : ({ name }) => name === namespace;
}

/** Whole seconds or a Go duration; zero and what is neither count as absent. */
function readRefreshInterval(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? parseDurationMs(value) : Number.isInteger(value) ? Number(value) * 1000 : 0;
  return ms !== undefined && ms > 0 ? ms : undefined;
}

async function readProvider(
  head: Head,
  spec: Fields,
  { providerKinds, limitsFor }: ParseStoreOptions,
): Promise<{ readonly provider: string; readonly configured?: ConfiguredStore }> {
  const known = providerKinds.map(({ name }) => name);
  const blocks = spec.object('provider');
  const [name, ...others] = blocks?.keys().filter((key) => blocks.has(key)) ?? [];
  if (blocks === undefined || name === undefined) {
    spec.problem('provider', `must name a provider: ${known.join(', ')}`);
    return { provider: '' };
  }
  if (others.length > 0) {
    spec.problem('provider', `must name one provider, not ${others.length + 1}`);
    return { provider: '' };
  }

  const kind = providerKinds.find((one) => one.name === name);
  const block = blocks.object(name);
  if (kind === undefined || block === undefined) {
    const meant = didYouMean(name, known);
    const question = meant === undefined ? '' : `; did you mean ${meant}?`;
    blocks.problem(name, `is none of the providers that Latchkey knows (${known.join(', ')})${question}`);
    return { provider: name };
  }
  const provider = await loadProvider(kind);
  if (provider === undefined) {
    blocks.problem(name, 'is known to Latchkey, but its code could not be loaded; restart Latchkey');
    return { provider: name };
  }
  const configured = provider.configure(block, limitsFor(name));
  checkSelectors(head, configured.needs, block);
  return { provider: name, configured };
}

/** A store that is refused for a fault of ours still must not look like one that does not exist. */
async function loadProvider(kind: ProviderKind): Promise<Provider | undefined> {
  try {
    return await kind.load();
  } catch {
    return undefined;
  }
}
