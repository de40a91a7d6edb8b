import type { Provider } from './provider.ts';

/** A kind of backend by the key under `spec.provider`. All its code is a chunk of its own, loaded with the first store that names it. */
export interface ProviderKind {
  readonly name: string;
  load(): Promise<Provider>;
}

/** Every kind of backend that this build knows. A new one is a folder beside this file and a line here. */
export const providerKinds: readonly ProviderKind[] = [
  { name: 'aws', load: async () => (await import('./aws/index.ts')).aws },
  { name: 'azurekv', load: async () => (await import('./azurekv/index.ts')).azurekv },
  { name: 'fake', load: async () => (await import('./fake/index.ts')).fake },
  { name: 'gcpsm', load: async () => (await import('./gcpsm/index.ts')).gcpsm },
  { name: 'kubernetes', load: async () => (await import('./kubernetes/index.ts')).kubernetes },
  { name: 'vault', load: async () => (await import('./vault/index.ts')).vault },
  { name: 'webhook', load: async () => (await import('./webhook/index.ts')).webhook },
];
