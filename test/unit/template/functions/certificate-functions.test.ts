import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { CERTIFICATE_FUNCTIONS } from '../../../../src/template/functions/certificate-functions.ts';
import { loadCryptoLibraries } from '../../../../src/template/functions/crypto-libraries.ts';
import { TemplateError } from '../../../../src/template/template-error.ts';
import { GoInt, GoList, GoStruct, type GoValue } from '../../../../src/template/value.ts';
import { ED25519_KEY, LEAF, LEAF_KEY, LEAF_KEY_SEC1, ROOT, RSA, RSA_KEY_PKCS1 } from './crypto-fixtures.ts';
import { anEvaluation, bytes, callerOf } from './evaluation.ts';
import {
  HELM_CA,
  HELM_CA_KEY,
  HELM_OVER,
  HELM_OVER_KEY,
  HELM_SELF,
  HELM_SELF_KEY,
  HELM_SIGNED,
  HELM_SIGNED_KEY,
} from './helm-certificates.ts';

const call = callerOf(CERTIFICATE_FUNCTIONS);
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64');
const list = (...items: readonly GoValue[]) => new GoList(items);
const DAYS = new GoInt(10);

beforeAll(loadCryptoLibraries);

function pairOf(value: GoValue): { readonly certificate: string; readonly key: string } {
  if (!(value instanceof GoStruct)) throw new Error('no struct');
  const [certificate, key] = [value.fields.get('Cert'), value.fields.get('Key')];
  if (typeof certificate !== 'string' || typeof key !== 'string') throw new Error('no texts');
  return { certificate, key };
}

function textOf(value: GoValue): string {
  if (typeof value !== 'string') throw new Error('no text');
  return value;
}

function customCertificate(certificate: string, key: string): GoValue {
  return call('buildCustomCert', [base64(certificate), base64(key)]);
}

describe('a certificate with the chance and the time of one that Helm made', () => {
  const chanceOf = (pem: string) => {
    const { serialNumber, validFrom } = new X509Certificate(pem);
    return anEvaluation({
      now: new Date(Date.parse(validFrom) + 999), // a certificate keeps no part of a second
      randomBytes: (size) => Buffer.from(serialNumber.padStart(2 * size, '0'), 'hex'),
    });
  };

  it.each([
    {
      title: 'of an authority',
      name: 'genCAWithKey',
      args: [bytes('ca é'), new GoInt(10), HELM_CA_KEY],
      expected: HELM_CA,
    },
    {
      title: 'without a common name, already over',
      name: 'genSelfSignedCertWithKey',
      args: ['', list('1.2.3.4'), null, new GoInt(-1), HELM_SELF_KEY],
      expected: HELM_SELF,
    },
    {
      title: 'of more days than Go can count',
      name: 'genSelfSignedCertWithKey',
      args: ['*', null, null, new GoInt(5_000_000), HELM_OVER_KEY],
      expected: HELM_OVER,
    },
  ])('is the same byte for byte: $title', ({ name, args, expected }) => {
    expect(pairOf(call(name, args, chanceOf(expected))).certificate).toBe(expected);
  });

  it('is the same byte for byte: signed by an authority', () => {
    const addresses = list('1.2.3.4', '::ffff:1.2.3.5', '2001:db8::1');
    const names = list('a.example', '*.b.example');
    const authority = customCertificate(HELM_CA, HELM_CA_KEY);
    const args = ['leaf', addresses, names, new GoInt(9000), authority, HELM_SIGNED_KEY];

    expect(pairOf(call('genSignedCertWithKey', args, chanceOf(HELM_SIGNED)))).toEqual({
      certificate: HELM_SIGNED,
      key: HELM_SIGNED_KEY,
    });
  });
});

describe('genPrivateKey', () => {
  it.each([
    { type: '', begin: 'RSA PRIVATE KEY', details: { modulusLength: 4096 } },
    { type: 'dsa', begin: 'DSA PRIVATE KEY', details: { modulusLength: 2048, divisorLength: 256 } },
    { type: 'ecdsa', begin: 'EC PRIVATE KEY', details: { namedCurve: 'prime256v1' } },
    { type: 'ed25519', begin: 'PRIVATE KEY', details: {} },
  ])(
    'makes a key that signs: "$type"',
    ({ type, begin, details }) => {
      const pem = textOf(call('genPrivateKey', [type]));

      const key = createPrivateKey(pem);
      const signature = sign(null, Buffer.from('text'), key);
      expect(pem.startsWith(`-----BEGIN ${begin}-----\n`)).toBe(true);
      expect(key.asymmetricKeyDetails).toMatchObject(details);
      expect(verify(null, Buffer.from('text'), createPublicKey(pem), signature)).toBe(true);
    },
    60_000,
  );

  it('gives a text as the value for an unknown type', () => {
    expect(call('genPrivateKey', ['foo'])).toBe('Unknown type foo');
  });
});

describe('genCA, genSelfSignedCert and genSignedCert', () => {
  it('make RSA keys, and certificates that verify each other', () => {
    const authority = call('genCA', ['ca', DAYS]);
    const signed = pairOf(call('genSignedCert', ['server', null, list('server.example'), DAYS, authority]));
    const self = pairOf(call('genSelfSignedCert', ['self', list('::1'), null, DAYS]));

    const [ca, leaf, alone] = [pairOf(authority), signed, self].map(
      ({ certificate }) => new X509Certificate(certificate),
    );
    expect(ca?.ca).toBe(true);
    expect(leaf?.verify(createPublicKey(pairOf(authority).certificate))).toBe(true);
    expect(ca !== undefined && leaf?.checkIssued(ca)).toBe(true);
    expect(leaf?.checkHost('server.example')).toBe('server.example');
    expect(leaf?.checkPrivateKey(createPrivateKey(signed.key))).toBe(true);
    expect(alone?.verify(alone.publicKey)).toBe(true);
    expect(alone?.checkIP('::1')).toBe('::1');
    expect(createPrivateKey(self.key).asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
  });

  it.each([
    { kind: 'RSA', certificate: RSA, key: RSA_KEY_PKCS1 },
    { kind: 'EC', certificate: ROOT, key: undefined },
  ])('sign with an authority from elsewhere: $kind', ({ certificate, key }) => {
    const authority = key === undefined ? ecAuthority('P-384') : customCertificate(certificate, key);

    const { certificate: pem } = pairOf(call('genSignedCertWithKey', ['x', null, null, DAYS, authority, LEAF_KEY]));

    const issuer = new X509Certificate(pairOf(authority).certificate);
    expect(new X509Certificate(pem).checkIssued(issuer)).toBe(true);
    expect(new X509Certificate(pem).verify(issuer.publicKey)).toBe(true);
  });

  it.each(['P-256', 'P-384', 'P-521'])('sign with the hash that belongs to %s', (curve) => {
    const certificate = new X509Certificate(pairOf(ecAuthority(curve)).certificate);

    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  it.each([
    [LEAF_KEY, LEAF_KEY_SEC1],
    [LEAF_KEY_SEC1, LEAF_KEY_SEC1],
    [RSA_KEY_PKCS1, RSA_KEY_PKCS1],
    [ED25519_KEY, ED25519_KEY],
  ])('hand the key back in the oldest format (%#)', (key, returned) => {
    expect(pairOf(call('genCAWithKey', ['ca', DAYS, key])).key).toBe(returned);
  });

  it('return a struct of sprig, which buildCustomCert returns too', () => {
    const made = call('genCAWithKey', ['ca', DAYS, LEAF_KEY]);
    const built = customCertificate(LEAF, LEAF_KEY);

    expect(made).toMatchObject({ type: 'sprig.certificate' });
    expect(built).toMatchObject({ type: 'sprig.certificate' });
    expect(pairOf(built)).toEqual({ certificate: LEAF, key: LEAF_KEY });
  });

  function ecAuthority(namedCurve: string): GoValue {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve });
    return call('genCAWithKey', ['ca', DAYS, privateKey.export({ format: 'pem', type: 'sec1' }).toString()]);
  }
});

describe('what is wrong', () => {
  const authority = () => customCertificate(HELM_CA, HELM_CA_KEY);

  it.each([
    ['genCAWithKey', ['x', DAYS, 'hunter2'], 'parsing private key: no PEM data in input'],
    ['genCAWithKey', ['x', DAYS, LEAF], 'parsing private key: the PEM block is no private key'],
    ['genCAWithKey', ['\xff', DAYS, LEAF_KEY], 'the common name is not UTF-8'],
    ['genSelfSignedCert', ['x', list('hunter2'), null, DAYS], 'error parsing ip: item 1 is no address'],
    ['genSelfSignedCert', ['x', list('01.2.3.4'), null, DAYS], 'error parsing ip: item 1 is no address'],
    ['genSelfSignedCert', ['x', list('1.2.3.256'), null, DAYS], 'error parsing ip: item 1 is no address'],
    ['genSelfSignedCert', ['x', list('::1', new GoInt(1)), null, DAYS], 'error processing ip: item 2 is not a string'],
    ['genSelfSignedCert', ['x', null, list(null), DAYS], 'alternate dns name: item 1 is not a string'],
    ['genSelfSignedCert', ['x', null, list(bytes('é')), DAYS], 'alternate dns name: item 1 is not ASCII'],
    ['genSelfSignedCert', ['x', 'hunter2', null, DAYS], 'expected []interface {}; got string'],
    ['genSelfSignedCert', ['x', new GoList(['::1'], 'string'), null, DAYS], 'expected []interface {}; got []string'],
    ['genSignedCert', ['x', null, null, DAYS, 'hunter2'], 'expected sprig.certificate; got string'],
    ['buildCustomCert', ['hunter2!', ''], 'unable to decode base64 certificate'],
    ['buildCustomCert', ['', 'hunter2!'], 'unable to decode base64 private key'],
    ['buildCustomCert', [base64('hunter2'), ''], 'unable to decode certificate'],
    ['buildCustomCert', [base64(LEAF_KEY), ''], 'error parsing certificate: malformed certificate'],
    ['buildCustomCert', [base64(LEAF), ''], 'error parsing private key: no PEM data in input'],
  ])('is told without values: %s (%#)', (name, args, message) => {
    const wrong = () => call(name, args);

    expect(wrong).toThrow(message);
    expect(wrong).not.toThrow('hunter2');
  });

  it('is an authority with the key of another', () => {
    const mixed = customCertificate(HELM_CA, LEAF_KEY);

    expect(() => call('genSignedCertWithKey', ['x', null, null, DAYS, mixed, LEAF_KEY])).toThrow(
      'not that of the authority',
    );
  });

  it('is a key that signs no certificates', () => {
    const pem = generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

    expect(() => call('genCAWithKey', ['x', DAYS, pem])).toThrow('only RSA, ECDSA and Ed25519 keys sign');
    expect(() => call('genSignedCertWithKey', ['x', null, null, DAYS, authority(), pem])).not.toThrow();
  });

  it.each(['', 'rsa', 'dsa'])('is more work than there are steps for, known before it is done: "%s"', (type) => {
    const evaluation = anEvaluation({
      spend: (steps) => {
        if (steps > 50_000) throw new TemplateError('too many steps');
      },
    });

    expect(() => call('genPrivateKey', [type], evaluation)).toThrow('too many steps');
  });
});
