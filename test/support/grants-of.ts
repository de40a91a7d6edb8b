import { Fields } from '../../src/fields.ts';
import type { Grant, GrantReader } from '../../src/providers/grant.ts';
import type { FindQuery, Provider, ProviderLimits, RemoteRef } from '../../src/providers/provider.ts';
import { aServiceAccount } from './a-store.ts';

export interface GrantsScene {
  readonly provider: Provider;
  readonly block: object;
  readonly refs: readonly (string | RemoteRef)[];
  readonly finds?: readonly FindQuery[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** `none`: the store is read with credentials of its own. */
  readonly reader?: 'none';
  readonly limits?: Partial<ProviderLimits>;
}

/** What a store with this block says must be granted to `payments/api`; a store with mistakes is one of the test. */
export function grantsOf(scene: GrantsScene): readonly Grant[] {
  const { provider, block, finds = [], annotations = {}, reader, limits } = scene;
  const fields = Fields.of(block, `spec.provider.${provider.name}`);
  const store = provider.configure(fields, { audiences: [], endpoints: [], maxResponseBytes: 65_536, ...limits });
  if (fields.problems.length > 0) throw new Error(JSON.stringify(fields.problems));
  const who: GrantReader = {
    ...(reader === undefined && { serviceAccount: aServiceAccount({ annotations }) }),
    issuer: 'https://oidc.example.com/id/ABCDEF',
  };
  const refs = scene.refs.map((ref) => (typeof ref === 'string' ? { key: ref } : ref));
  return store.grants?.({ refs, finds }, who) ?? [];
}
