import { describe, expect, it } from 'vitest';
import { audienceProblem, endpointProblem } from '../../../src/providers/endpoints.ts';

describe('endpointProblem', () => {
  it.each([
    ['vault.example.com', []],
    ['vault.example.com', ['other.example.com', 'vault.example.com']],
    ['VAULT.example.com', ['Vault.Example.Com']],
    ['a.example.com', ['*.example.com']],
    ['a.b.example.com', ['*.example.com']],
  ])('finds nothing against %s with the list %j', (hostname, endpoints) => {
    expect(endpointProblem('vault', hostname, endpoints)).toBeUndefined();
  });

  it.each([
    ['vault.example.com.evil.org', ['vault.example.com']],
    ['example.com', ['*.example.com']],
    ['.example.com', ['*.example.com']],
    ['evilexample.com', ['*.example.com']],
    ['169.254.169.254', ['*.example.com']],
  ])('finds %s outside the list %j', (hostname, endpoints) => {
    expect(endpointProblem('vault', hostname, endpoints)).toBe(
      `the host "${hostname}" is not in the operator's list identity.endpoints.vault (${endpoints.join(', ')})`,
    );
  });
});

describe('audienceProblem', () => {
  it('takes an audience of the list, as it is written', () => {
    expect(audienceProblem('vault', 'vault', ['vault'])).toBeUndefined();
    expect(audienceProblem('vault', 'Vault', ['vault'])).toContain('the audience "Vault" is not in');
    expect(audienceProblem('vault', 'vault', [])).toContain('which is empty');
  });
});
