import type { FindQuery, Provider, ProviderLimits } from '../../src/providers/provider.ts';
import type { TestIdentity } from '../support/test-identity.ts';

/** One kind of provider under test. What it does not have is left out of its stage, and said here: a suite checks that both agree. */
export interface ProviderSetup {
  readonly provider: Provider;
  /** Where one provider has several. */
  readonly title?: string;
  readonly has: readonly Feature[];
  /** A block with mistakes, and every address that must be named. */
  readonly mistakes: { readonly block: unknown; readonly paths: readonly string[] };
  /** Starts a backend of its own for one test. */
  start(): Promise<Stage>;
}

/**
 * - `login`: the identity's token is exchanged; strangers are refused
 * - `network`: a backend that can be slow, throttled, down or garbled
 * - the others: what the client offers beside single reads
 */
export type Feature = 'login' | 'network' | 'versions' | 'metadata' | 'binary' | 'batch' | 'find' | 'endpoints';

/** A backend with contents. Every value holds LEAK_MARKER; so does every token. */
export interface Stage {
  readonly block: unknown;
  readonly limits: ProviderLimits;
  readonly identity: TestIdentity;
  /** Of an object with the members `password`, `count` (12345678901234567890) and `html` (`<&>`); `text` is the form its value has. */
  readonly object: { readonly key: string; readonly text: string; readonly version?: string };
  readonly missing: string;
  /** `versions`: an older value of some secret. */
  readonly older?: { readonly key: string; readonly version: string; readonly text: string };
  /** `metadata`: its JSON. */
  readonly metadata?: { readonly key: string; readonly text: string };
  readonly binary?: { readonly key: string; readonly bytes: Uint8Array };
  /** `login`: a key that the identity may not read, and an identity that may not come in. */
  readonly denied?: string;
  readonly stranger?: TestIdentity;
  /** `find`: what a query must find, by key. */
  readonly find?: { readonly query: FindQuery; readonly keys: readonly string[] };
  /** `batch`: refuses the batch call and leaves single reads alone. */
  refuseBatch?(): void;
  /** `login`: the session's credential is worth nothing from now on; logging in again helps. */
  expireSession?(): void;
  readonly network?: Faults;
  /** Resolves when no client holds anything of the backend any more; throws where one left something behind. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface Faults {
  /** Every request from now on is answered so, in the provider's own form. */
  throttle(retryAfterSeconds: number): void;
  fail(): void;
  /** A page of HTML with status 200, then with 404: access that is doubtful must not look like absence. */
  garble(status: 200 | 404): void;
  redirect(): void;
  /** An answer larger than `limits.maxResponseBytes`. */
  flood(): void;
  /** No answer to the next request; resolves when it waits for one. */
  stall(): Promise<void>;
}
