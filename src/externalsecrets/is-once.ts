import type { Definition } from './definition.ts';

/** `CreatedOnce`, and `refreshInterval: 0`, which not even a change of the definition refreshes. */
export function isOnce({ refreshPolicy, refreshIntervalMs }: Definition['spec']): boolean {
  return refreshPolicy === 'CreatedOnce' || (refreshPolicy === 'Periodic' && refreshIntervalMs <= 0);
}
