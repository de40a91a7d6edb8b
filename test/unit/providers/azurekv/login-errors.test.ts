import { describe, expect, it } from 'vitest';
import type { HttpAnswer } from '../../../../src/providers/azurekv/http.ts';
import { type EntraStep, fromEntraAnswer, fromImdsAnswer } from '../../../../src/providers/azurekv/login-errors.ts';
import { CLIENT_ID, TENANT_ID } from '../../../support/open-azure.ts';
import { LEAK_MARKER } from '../../../support/test-identity.ts';

const STEP: EntraStep = {
  who: 'ServiceAccount payments/api',
  clientId: CLIENT_ID,
  tenantId: TENANT_ID,
  source: 'the annotation',
  resource: 'https://vault.azure.net',
  proof: 'federation',
  token: { issuer: 'https://issuer', subject: 'system:serviceaccount:payments:api', audience: 'a' },
};

function answer(status: number, body: unknown, retryAfterMs?: number): HttpAnswer {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return {
    host: 'login.microsoftonline.com',
    status,
    body: bytes,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function refusal(code: number, error = 'invalid_client') {
  return { error, error_description: `AADSTS${code}: ${LEAK_MARKER}`, error_codes: [code] };
}

describe('fromEntraAnswer', () => {
  it.each([
    [
      401,
      70021,
      'no federated credential',
      'issuer https://issuer, subject system:serviceaccount:payments:api and audience a',
    ],
    [401, 700024, 'the time it is valid in', 'clocks'],
    [401, 700027, 'no such certificate', 'clientCertificate'],
    [400, 700016, 'no application or managed identity', 'the annotation'],
    [401, 7000222, 'the secret has expired', 'az ad app credential reset'],
    [400, 900023, `there is no tenant ${TENANT_ID}`, 'tenantId'],
    [400, 53003, 'Conditional Access', 'policy'],
    [401, 999999, 'its token is not accepted', 'https://issuer'],
  ])('tells %i with AADSTS%i', (status, code, says, hint) => {
    const error = fromEntraAnswer(answer(status, refusal(code)), STEP);

    expect(error).toMatchObject({ code: 'IDENTITY_REJECTED', hint: expect.stringContaining(hint) });
    expect(error.message).toContain(`ServiceAccount payments/api as client ${CLIENT_ID} of tenant ${TENANT_ID}: `);
    expect(error.message).toContain(says);
    expect(error.message).toContain(`AADSTS${code}`);
    expect(error.line).not.toContain(LEAK_MARKER);
  });

  it.each([
    ['a passing error', answer(400, refusal(90033, 'temporarily_unavailable')), 'PROVIDER_UNAVAILABLE'],
    ['a status that is no refusal', answer(404, refusal(90002)), 'PROVIDER_UNAVAILABLE'],
    ['a web page', answer(400, `<html>${LEAK_MARKER}`), 'PROVIDER_UNAVAILABLE'],
    ['a redirect', answer(302, ''), 'PROVIDER_UNAVAILABLE'],
    ['throttling', answer(429, refusal(50196), 5000), 'PROVIDER_THROTTLED'],
    ['trouble', answer(503, ''), 'PROVIDER_UNAVAILABLE'],
    ['a gateway that gave up', answer(504, ''), 'PROVIDER_TIMEOUT'],
  ])('tells %s as transient', (_, given, code) => {
    expect(fromEntraAnswer(given, STEP).code).toBe(code);
  });

  it('keeps the time to wait', () => {
    expect(fromEntraAnswer(answer(429, '', 5000), STEP).retryAfterMs).toBe(5000);
  });

  it('speaks of the secret where a secret was sent', () => {
    const { token: _, ...step } = STEP;

    const error = fromEntraAnswer(answer(401, refusal(999999)), { ...step, proof: 'secret' });

    expect(error.message).toContain('its secret is not accepted');
  });
});

describe('fromImdsAnswer', () => {
  it.each([
    ['an identity that is not there', answer(400, { error: 'invalid_request' }), 'IDENTITY_REJECTED'],
    ['a service that is something else', answer(400, 'what?'), 'PROVIDER_UNAVAILABLE'],
    ['a path that is not there', answer(404, ''), 'PROVIDER_UNAVAILABLE'],
    ['throttling', answer(429, ''), 'PROVIDER_THROTTLED'],
  ])('tells %s', (_, given, code) => {
    expect(fromImdsAnswer(given, undefined).code).toBe(code);
  });
});
