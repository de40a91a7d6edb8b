import { beforeAll, expect, it } from 'vitest';
import { distinguishedName } from '../../../../src/template/crypto/distinguished-name.ts';
import { certificateFields } from '../../../../src/template/crypto/parse-certificate.ts';
import { decodePem } from '../../../../src/template/crypto/pem-block.ts';
import { loadCryptoLibraries } from '../../../../src/template/functions/crypto-libraries.ts';
import { AWKWARD_NAME, LEAF, ROOT } from '../functions/crypto-fixtures.ts';

const SUBJECT = 4;

beforeAll(loadCryptoLibraries);

it.each([
  [LEAF, 'CN=leaf'],
  [ROOT, 'CN=root,O=Example'],
  [
    AWKWARD_NAME,
    [
      String.raw`SERIALNUMBER=12,CN=\ #x\;y\"\\z \<,OU=B,O=A+O=Zwei,POSTALCODE=10115,STREET=S é,ST=Ber\,lin,C=DE`,
      '2.5.4.12=#13025420,0.9.2342.19200300.100.1.25=#13076578616d706c65,1.2.840.113549.1.9.1=#0c056140622e63',
    ].join(','),
  ],
])('names a subject as Go 1.26 does (%#)', (pem, name) => {
  const { block } = decodePem(pem);

  expect(distinguishedName(certificateFields(block?.bytes ?? '')[SUBJECT])).toBe(name);
});
