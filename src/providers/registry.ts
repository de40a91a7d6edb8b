import { aws } from './aws/index.ts';
import { azurekv } from './azurekv/index.ts';
import { fake } from './fake/index.ts';
import { gcpsm } from './gcpsm/index.ts';
import { kubernetes } from './kubernetes/index.ts';
import type { Provider } from './provider.ts';
import { vault } from './vault/index.ts';
import { webhook } from './webhook/index.ts';

/** Every kind of backend that this build knows. A new one is a folder beside this file and a line here. */
export const providers: readonly Provider[] = [aws, azurekv, fake, gcpsm, kubernetes, vault, webhook];

/** The provider for a key under `spec.provider`. */
export function findProvider(name: string): Provider | undefined {
  return providers.find((provider) => provider.name === name);
}
