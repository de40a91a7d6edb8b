import type { Content } from './content.ts';
import { goHash, printMap } from './go-hash.ts';

/** What stands in `reconcile.external-secrets.io/data-hash`: External Secrets compares it with the data it finds. */
export function dataHash(data: Content): string {
  return goHash(printMap(data, (value) => `[${value.expose().join(' ')}]`));
}
