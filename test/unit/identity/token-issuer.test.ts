import { describe, expect, it, vi } from 'vitest';
import type { IssuedToken, RequestToken } from '../../../src/identity/request-token.ts';
import { createTokenIssuer, type TokenIssuer, type TokenWish } from '../../../src/identity/token-issuer.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import { SecretValue } from '../../../src/secret-value.ts';
import { aServiceAccount } from '../../support/a-store.ts';
import { unsignedToken } from '../../support/test-identity.ts';

const CALL = { signal: new AbortController().signal };
const WISH: TokenWish = { serviceAccount: aServiceAccount(), provider: 'aws', audience: 'sts.amazonaws.com' };
const AUDIENCES = { aws: ['sts.amazonaws.com'], vault: ['vault'] };
const HOUR_MS = 3_600_000;

interface Scene {
  readonly issuer: TokenIssuer;
  readonly requestToken: ReturnType<typeof vi.fn<RequestToken>>;
  readonly pass: (ms: number) => void;
}

function startScene(answer?: RequestToken, random = 0): Scene {
  let nowMs = Date.parse('2026-11-22T05:00:00Z');
  let issued = 0;
  const requestToken = vi.fn<RequestToken>(
    answer ??
      (async ({ serviceAccount }): Promise<IssuedToken> => {
        issued += 1;
        return { token: tokenOf(serviceAccount.uid, issued), expiresAt: new Date(nowMs + HOUR_MS) };
      }),
  );
  const issuer = createTokenIssuer({
    requestToken,
    audiences: AUDIENCES,
    now: () => nowMs,
    lifetimeSeconds: 3600,
    random: () => random,
  });
  return { issuer, requestToken, pass };

  function pass(ms: number): void {
    nowMs += ms;
  }
}

function tokenOf(uid: string, serial = 0): SecretValue {
  return SecretValue.fromText(unsignedToken({ serial, 'kubernetes.io': { serviceaccount: { name: 'api', uid } } }));
}

describe('createTokenIssuer', () => {
  it('asks once for any number of askers', async () => {
    const { issuer, requestToken } = startScene();

    const tokens = await Promise.all(Array.from({ length: 64 }, () => issuer.issue(WISH, CALL)));
    const later = await issuer.issue(WISH, CALL);

    expect(requestToken).toHaveBeenCalledTimes(1);
    expect(new Set([...tokens, later]).size).toBe(1);
  });

  it.each([
    ['with 80 % of its life', 0, 0.8],
    ['earlier by jitter', 1, 0.7],
  ])('replaces a token %s', async (_, random, part) => {
    const { issuer, requestToken, pass } = startScene(undefined, random);
    const first = await issuer.issue(WISH, CALL);

    pass(HOUR_MS * part - 1);
    const before = await issuer.issue(WISH, CALL);
    pass(1);
    const after = await issuer.issue(WISH, CALL);

    expect(before).toBe(first);
    expect(after).not.toBe(first);
    expect(requestToken).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['audience', { ...WISH, provider: 'vault', audience: 'vault' }],
    ['ServiceAccount', { ...WISH, serviceAccount: aServiceAccount({ name: 'web', uid: 'uid-2' }) }],
    ['namespace', { ...WISH, serviceAccount: aServiceAccount({ namespace: 'billing', uid: 'uid-3' }) }],
    ['incarnation of the ServiceAccount', { ...WISH, serviceAccount: aServiceAccount({ uid: 'uid-4' }) }],
  ])('never gives the token to another %s', async (_, other) => {
    const { issuer, requestToken } = startScene();
    const own = await issuer.issue(WISH, CALL);

    const others = await issuer.issue(other, CALL);

    expect(others).not.toBe(own);
    expect(requestToken).toHaveBeenCalledTimes(2);
  });

  it('asks the API server for no audience that the provider may not have', async () => {
    const { issuer, requestToken } = startScene();

    const issued = issuer.issue({ ...WISH, audience: 'vault' }, CALL);

    await expect(issued).rejects.toMatchObject({ code: 'AUDIENCE_NOT_ALLOWED' });
    expect(requestToken).not.toHaveBeenCalled();
  });

  it('refuses a token of another ServiceAccount uid, and does not keep it', async () => {
    const { issuer, requestToken } = startScene(async () => ({
      token: tokenOf('uid-of-successor'),
      expiresAt: new Date('2026-11-22T06:00:00Z'),
    }));

    const answers = [await issuer.issue(WISH, CALL).catch(codeOf), await issuer.issue(WISH, CALL).catch(codeOf)];

    expect(answers).toEqual(['IDENTITY_REJECTED', 'IDENTITY_REJECTED']);
    expect(requestToken).toHaveBeenCalledTimes(2);
  });

  it('keeps a token that does not name its ServiceAccount', async () => {
    const token = SecretValue.fromText('opaque');
    const { issuer } = startScene(async () => ({ token, expiresAt: new Date('2026-11-22T06:00:00Z') }));

    expect(await issuer.issue(WISH, CALL)).toBe(token);
  });

  it('lets one asker give up while the others wait on', async () => {
    const { promise, resolve } = Promise.withResolvers<IssuedToken>();
    const { issuer, requestToken } = startScene(() => promise);
    const leaving = new AbortController();
    const left = issuer.issue(WISH, { signal: leaving.signal });
    const stayed = issuer.issue(WISH, CALL);

    leaving.abort();
    resolve({ token: tokenOf('uid-1'), expiresAt: new Date('2026-11-22T06:00:00Z') });

    await expect(left).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
    await expect(stayed).resolves.toBeInstanceOf(SecretValue);
    expect(requestToken.mock.calls[0]?.[1].signal.aborted).toBe(false);
  });

  it('asks again after a failure', async () => {
    const requestToken = vi
      .fn<RequestToken>()
      .mockRejectedValueOnce(new LatchkeyError('CLUSTER_UNAVAILABLE', 'down'))
      .mockResolvedValue({ token: tokenOf('uid-1'), expiresAt: new Date('2026-11-22T06:00:00Z') });
    const { issuer } = startScene(requestToken);
    await issuer.issue(WISH, CALL).catch(codeOf);

    const token = await issuer.issue(WISH, CALL);

    expect(token).toBeInstanceOf(SecretValue);
  });
});

function codeOf(error: unknown): string {
  return LatchkeyError.from(error).code;
}
