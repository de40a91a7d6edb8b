import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCertificateAuthority } from '../../../src/tls/certificate-authority.ts';
import { serviceNames, signLeaf } from '../../../src/tls/leaf.ts';

const NOW = new Date('2026-11-22T05:00:00Z');
const HOUR_MS = 3_600_000;

describe('signLeaf', () => {
  it('signs a server certificate for names and addresses', async () => {
    const authority = await createCertificateAuthority(24 * HOUR_MS, NOW);
    const names = ['webhook.example.com', '127.0.0.1', 'fd00::1'];

    const { certificatePem, notAfter } = await signLeaf(authority, { names, lifetimeMs: HOUR_MS, now: NOW });

    const leaf = new X509Certificate(certificatePem);
    const issuer = new X509Certificate(authority.certificatePem);
    expect(leaf.verify(issuer.publicKey)).toBe(true);
    expect(leaf.checkIssued(issuer)).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(leaf.checkHost('webhook.example.com')).toBe('webhook.example.com');
    expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(leaf.checkIP('fd00::1')).toBe('fd00::1');
    expect(leaf.validFromDate).toEqual(new Date('2026-11-22T04:00:00Z'));
    expect(notAfter).toEqual(new Date('2026-11-22T06:00:00Z'));
  });

  it('never outlives its authority', async () => {
    const authority = await createCertificateAuthority(HOUR_MS, NOW);

    const { notAfter } = await signLeaf(authority, { names: ['a.example'], lifetimeMs: 24 * HOUR_MS, now: NOW });

    expect(notAfter).toEqual(new Date('2026-11-22T06:00:00Z'));
  });

  it('takes names longer than a common name may be', async () => {
    const authority = await createCertificateAuthority(HOUR_MS, NOW);
    const [name = ''] = serviceNames('s'.repeat(60), 'n'.repeat(60), []);

    const { certificatePem } = await signLeaf(authority, { names: [name], lifetimeMs: HOUR_MS, now: NOW });

    expect(new X509Certificate(certificatePem).checkHost(name)).toBe(name);
  });
});

it('lists the names of a Service, each once', () => {
  expect(serviceNames('latchkey', 'system', ['webhook.example.com', 'latchkey.system.svc'])).toEqual([
    'latchkey.system.svc',
    'latchkey.system.svc.cluster.local',
    'webhook.example.com',
  ]);
});
