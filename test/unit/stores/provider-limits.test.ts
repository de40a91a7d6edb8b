import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config.ts';
import { createLimitsFor } from '../../../src/stores/provider-limits.ts';

describe('createLimitsFor', () => {
  const limitsFor = createLimitsFor(
    parseConfig(`
      identity: { audiences: { vault: [vault, openbao] }, endpoints: { vault: [vault.example.com] } }
      resolve: { maxResponseBytes: 1000000 }
    `),
  );

  it('gives a cloud the addresses of its services that were moved', () => {
    const text = 'identity: { endpointUrls: { aws: { sts: "https://sts.internal" } } }';

    const { endpointUrls } = createLimitsFor(parseConfig(text))('aws');

    expect(endpointUrls).toEqual({ sts: 'https://sts.internal' });
  });

  it.each([
    ['vault', ['vault', 'openbao'], ['vault.example.com']],
    ['aws', ['sts.amazonaws.com'], []],
    ['fake', [], []],
    ['constructor', [], []],
  ])('gives %s its own lists', (provider, audiences, endpoints) => {
    expect(limitsFor(provider)).toMatchObject({ audiences, endpoints, maxResponseBytes: 1_000_000 });
  });
});
