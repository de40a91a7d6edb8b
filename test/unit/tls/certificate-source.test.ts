import { beforeAll, describe, expect, it, vi } from 'vitest';
import { SecretValue } from '../../../src/secret-value.ts';
import { createCertificateAuthority } from '../../../src/tls/certificate-authority.ts';
import {
  CurrentCertificate,
  type ServingCertificate,
  toServingCertificate,
} from '../../../src/tls/certificate-source.ts';
import { signLeaf } from '../../../src/tls/leaf.ts';

const NOW = new Date('2026-11-22T05:00:00Z');

let one: ServingCertificate;
let two: ServingCertificate;
beforeAll(async () => {
  const authority = await createCertificateAuthority(3_600_000, NOW);
  const request = { names: ['a.example'], lifetimeMs: 60_000, now: NOW };
  [one, two] = await Promise.all([signLeaf(authority, request), signLeaf(authority, request)]);
});

describe('toServingCertificate', () => {
  it('takes a pair', () => {
    expect(toServingCertificate(one.certificatePem, one.keyPem)).toEqual(one);
  });

  it.each([
    ['another key', () => two.keyPem, 'the certificate and the private key do not belong together'],
    ['no key', () => SecretValue.fromText('hunter2'), 'the private key cannot be read as PEM'],
    ['a certificate as key', () => SecretValue.fromText(one.certificatePem), 'the private key cannot be read as PEM'],
  ])('refuses %s', (_title, key, message) => {
    expect(() => toServingCertificate(one.certificatePem, key())).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message }),
    );
  });

  it('refuses what is no certificate', () => {
    expect(() => toServingCertificate('hunter2', one.keyPem)).toThrow('the certificate cannot be read as PEM');
  });
});

describe('CurrentCertificate', () => {
  it('is ready while its certificate lives', () => {
    let now = NOW;
    const current = new CurrentCertificate(() => now);

    const before = current.isReady();
    current.replace(one);
    const during = current.isReady();
    now = one.notAfter;

    expect([before, during, current.isReady()]).toEqual([false, true, false]);
  });

  it('tells its listeners until they leave', () => {
    const current = new CurrentCertificate(() => NOW);
    const listener = vi.fn<() => void>();

    const leave = current.onChange(listener);
    current.replace(one);
    leave();
    current.replace(two);

    expect(listener).toHaveBeenCalledTimes(1);
    expect(current.get()).toBe(two);
  });
});
