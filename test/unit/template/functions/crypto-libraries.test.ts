import { expect, it } from 'vitest';
import { CERTIFICATE_FUNCTIONS } from '../../../../src/template/functions/certificate-functions.ts';
import {
  cryptoLibraries,
  loadCryptoLibraries,
  NEEDS_LIBRARIES,
} from '../../../../src/template/functions/crypto-libraries.ts';
import { PASSWORD_FUNCTIONS } from '../../../../src/template/functions/password-functions.ts';
import { PEM_FUNCTIONS } from '../../../../src/template/functions/pem-functions.ts';
import { PKCS12_FUNCTIONS } from '../../../../src/template/functions/pkcs12-functions.ts';
import { TemplateError } from '../../../../src/template/template-error.ts';

it('gives the libraries when they are loaded, and not before', async () => {
  expect(cryptoLibraries).toThrow(TemplateError);

  await Promise.all([loadCryptoLibraries(), loadCryptoLibraries()]);

  const { forge, bcrypt } = cryptoLibraries();
  expect(forge.asn1.derToOid(forge.asn1.oidToDer('2.5.29.17'))).toBe('2.5.29.17');
  expect(bcrypt.getRounds('$2a$10$oAa2SU0k1rTCMdgt5c0LEeMoGYVu1qvW/5DPB/c6.TYfNX7L0uQHO')).toBe(10);
});

it('names functions that exist', () => {
  const tables = [CERTIFICATE_FUNCTIONS, PASSWORD_FUNCTIONS, PEM_FUNCTIONS, PKCS12_FUNCTIONS];
  const names = tables.flatMap((table) => Object.keys(table));

  expect([...NEEDS_LIBRARIES].filter((name) => !names.includes(name))).toEqual([]);
  expect(names.filter((name) => !NEEDS_LIBRARIES.has(name))).toEqual(['derivePassword', 'filterPEM']);
});
