import { describe, expect, it } from 'vitest';
import { checkAudience } from '../../../src/identity/check-audience.ts';

const AUDIENCES = { aws: ['sts.amazonaws.com'], vault: ['vault', 'bao', 'https://kubernetes.default.svc'] };

describe('checkAudience', () => {
  it.each([
    ['aws', 'sts.amazonaws.com'],
    ['vault', 'bao'],
  ])('lets provider %s have a token for %s', (provider, audience) => {
    expect(() => checkAudience(audience, provider, AUDIENCES)).not.toThrow();
  });

  it.each([
    ["another provider's audience", 'vault', 'sts.amazonaws.com'],
    ['an unlisted audience', 'aws', 'vault'],
    ['any audience where none is listed', 'webhook', 'vault'],
    ['an inherited name', 'constructor', 'name'],
    ['no audience', 'vault', ''],
    ["the API server's audience, even where it is listed", 'vault', 'https://kubernetes.default.svc'],
    ["another form of the API server's audience", 'vault', 'https://kubernetes.default.svc.cluster.local:443/'],
  ])('refuses %s', (_, provider, audience) => {
    expect(() => checkAudience(audience, provider, AUDIENCES)).toThrow(
      expect.objectContaining({
        code: 'AUDIENCE_NOT_ALLOWED',
        hint: expect.stringContaining(`identity.audiences.${provider}`),
      }),
    );
  });
});
