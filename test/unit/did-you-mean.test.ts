import { describe, expect, it } from 'vitest';
import { didYouMean } from '../../src/did-you-mean.ts';

const names = ['env', 'env-from', 'containers', 'store', 'delivery', 'inject'];

describe('didYouMean', () => {
  it.each<[written: string, meant: string]>([
    ['evn', 'env'],
    ['ENV', 'env'],
    ['envfrom', 'env-from'],
    ['env_from', 'env-from'],
    ['container', 'containers'],
    ['sotre', 'store'],
    ['dleivrey', 'delivery'],
    ['injected', 'inject'],
  ])('finds what %s stands for', (written, meant) => {
    expect(didYouMean(written, names)).toBe(meant);
  });

  it.each(['', 'x', 'xyz', 'role', 'a'.repeat(1000)])('suggests nothing for %s', (written) => {
    expect(didYouMean(written, names)).toBeUndefined();
  });

  it('prefers the nearest, and the first of equals', () => {
    expect(didYouMean('aws-prod', ['aws-prob', 'aws-prod2', 'AWS-PROD'])).toBe('AWS-PROD');
    expect(didYouMean('abcd', ['abce', 'abcf'])).toBe('abce');
  });
});
