// Usage: node certs/make.ts [DIR]
// Writes a development certificate authority and a server certificate for localhost into DIR (default: this folder).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCertificateAuthority } from '../src/tls/certificate-authority.ts';
import { serviceNames, signLeaf } from '../src/tls/leaf.ts';

const LIFETIME_MS = 30 * 24 * 3_600_000;

const directory = process.argv[2] ?? import.meta.dirname;
const now = new Date();
const names = serviceNames('latchkey-webhook', 'latchkey-system', ['localhost', '127.0.0.1', '::1']);
const authority = await createCertificateAuthority(LIFETIME_MS, now);
const leaf = await signLeaf(authority, { names, lifetimeMs: LIFETIME_MS, now });

mkdirSync(directory, { recursive: true });
write('ca.pem', authority.certificatePem);
write('ca-key.pem', authority.keyPem.exposeText());
write('tls.pem', leaf.certificatePem);
write('tls-key.pem', leaf.keyPem.exposeText());
process.stdout.write(`certificates for ${names.join(', ')} until ${leaf.notAfter.toISOString()} in ${directory}\n`);

function write(name: string, pem: string): void {
  writeFileSync(join(directory, name), pem, { mode: 0o600 });
}
