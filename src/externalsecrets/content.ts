import type { SecretValue } from '../secret-value.ts';

/** Values by key, in the order in which they came. */
export type Content = ReadonlyMap<string, SecretValue>;
