import type { Store } from './store.ts';

export interface ClaimSettings {
  readonly controllerClass: string;
  readonly claimUnclassed: boolean;
}

/** Whether the store, and what is synced from it, is ours to write; others we may read through, and leave alone. */
export function isClaimed({ controller }: Pick<Store, 'controller'>, settings: ClaimSettings): boolean {
  return controller === settings.controllerClass || (controller === '' && settings.claimUnclassed);
}
