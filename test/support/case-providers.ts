import { LatchkeyError } from '../../src/errors.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { type ProviderKind, providerKinds } from '../../src/providers/registry.ts';
import { SecretValue } from '../../src/secret-value.ts';

/** Remote secrets by key, as texts. */
export type RemoteSecrets = Readonly<Record<string, string>>;

/** All providers, of which Vault answers with these secrets in place of a server; its stores are read and judged as ever. */
export function caseProviders(secrets: RemoteSecrets): readonly ProviderKind[] {
  return providerKinds.map((kind) => {
    if (kind.name !== 'vault') return kind;
    return { name: kind.name, load: async () => answering(await kind.load(), secrets) };
  });
}

function answering(provider: Provider, secrets: RemoteSecrets): Provider {
  return {
    ...provider,
    configure: (block, limits) => ({
      ...provider.configure(block, limits),
      connect: async () => ({
        async read({ key }) {
          const text = secrets[key];
          if (text === undefined) {
            throw new LatchkeyError('SECRET_NOT_FOUND', `Vault has no secret "${key}"`, { hint: 'Create it' });
          }
          return { value: SecretValue.fromText(text) };
        },
      }),
    }),
  };
}
