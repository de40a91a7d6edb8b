import { describe, expect, it } from 'vitest';
import { createSharedClient, type SharedClient } from '../../../src/resolve/shared-client.ts';

function share(): { readonly shared: SharedClient; readonly closed: () => number } {
  let closed = 0;
  const client = { read: () => Promise.reject(new Error('this client is not for reading')) };
  return { shared: createSharedClient(client, () => void (closed += 1)), closed: () => closed };
}

describe('createSharedClient', () => {
  it('closes a retired client once its last user has left', () => {
    const { shared, closed } = share();
    const leave = [shared.use(), shared.use()];

    shared.retire();
    const seen = leave.map((each) => {
      each();
      return closed();
    });

    expect(seen).toEqual([0, 1]);
  });

  it('counts each user out once', () => {
    const { shared, closed } = share();
    const leave = shared.use();
    shared.use();
    shared.retire();

    leave();
    leave();

    expect(closed()).toBe(0);
    expect(shared.isIdle).toBe(false);
  });

  it('closes an unused client at once, and only once', () => {
    const { shared, closed } = share();

    shared.retire();
    shared.retire();

    expect(closed()).toBe(1);
  });

  it('does not close a client that nobody retired', () => {
    const { shared, closed } = share();

    shared.use()();

    expect(closed()).toBe(0);
    expect(shared.isIdle).toBe(true);
  });
});
