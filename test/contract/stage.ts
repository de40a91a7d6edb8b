import { inspect } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import { LatchkeyError } from '../../src/errors.ts';
import { Fields } from '../../src/fields.ts';
import type { Call, ConfiguredStore, Fetched, RemoteRef, SecretsClient } from '../../src/providers/provider.ts';
import { LEAK_MARKER, type TestIdentity } from '../support/test-identity.ts';
import type { ProviderSetup, Stage } from './provider-setup.ts';

const JWT = /\beyJ[\w-]{8,}\.[\w-]+/;

export const CALL: Call = { signal: new AbortController().signal };

/** A backend, a store on it, and clients that are put away when the test ends. */
export interface OpenStage {
  readonly backend: Stage;
  readonly store: ConfiguredStore;
  readonly connect: (identity?: TestIdentity) => Promise<SecretsClient>;
  /** Connects and reads. */
  readonly read: (ref: RemoteRef) => Promise<Fetched>;
}

/** What the suites of single features are given. */
export interface Suite {
  readonly setup: ProviderSetup;
  readonly stage: () => Promise<OpenStage>;
}

export async function openStage(setup: ProviderSetup): Promise<OpenStage> {
  const { provider } = setup;
  const backend = await setup.start();
  const clients: SecretsClient[] = [];
  onTestFinished(async () => {
    await Promise.all(clients.map(async (client) => client.close?.()));
    await backend.close();
  });
  const fields = Fields.of(backend.block, `spec.provider.${provider.name}`);
  const store = provider.configure(fields, backend.limits);
  expect(fields.problems).toEqual([]);

  async function connect(identity = backend.identity): Promise<SecretsClient> {
    const client = await store.connect(identity, CALL);
    clients.push(client);
    return client;
  }
  return { backend, store, connect, read: async (ref) => (await connect()).read(ref, CALL) };
}

/** The error of a call that must fail, after nothing secret was found in any form it can be printed in. */
export async function failure(call: Promise<unknown>): Promise<LatchkeyError> {
  const error = await call.then(
    () => expect.fail('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LatchkeyError)) throw error;
  const everything = { depth: Infinity, showHidden: true, getters: true };
  const printed = [
    error.message,
    error.line,
    error.stack,
    JSON.stringify(error),
    inspect(error, everything),
    inspect(error.cause, everything),
  ];
  expect(printed.join('\n')).not.toContain(LEAK_MARKER);
  expect(printed.join('\n')).not.toMatch(JWT); // signed tokens hold no marker in the clear
  return error;
}

/** A part of the stage that the setup said it has. */
export function part<T>(value: T | undefined): T {
  return value ?? expect.fail('the setup says it has this, and the stage does not');
}
