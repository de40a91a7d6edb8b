import type { KeyObject } from 'node:crypto';
import { buildCertificate, type CertificateContent, type Issuer } from '../crypto/build-certificate.ts';
import { generateKey, type KeyKind } from '../crypto/generate-key.ts';
import { decodeGoBase64 } from '../crypto/go-base64.ts';
import { keyPem, parseKeyPem } from '../crypto/key-pem.ts';
import { certificateFields, parseCertificate } from '../crypto/parse-certificate.ts';
import { decodePem, encodePem } from '../crypto/pem-block.ts';
import { endOfValidity } from '../crypto/validity.ts';
import { withContext } from '../crypto/with-context.ts';
import { spendOnInputs } from '../crypto/work.ts';
import { TemplateError } from '../template-error.ts';
import type { Evaluation, FunctionTable, ParamType, TemplateFunction } from '../template-function.ts';
import type { GoStruct, GoValue } from '../value.ts';
import { bigintAt, textAt } from './arguments.ts';
import {
  type CertificatePair,
  certificateAt,
  certificateStruct,
  dnsNamesAt,
  ipAddressesAt,
} from './certificate-arguments.ts';

const KEY_KINDS: ReadonlyMap<string, KeyKind> = new Map([
  ['', 'rsa4096'],
  ['rsa', 'rsa4096'],
  ['dsa', 'dsa'],
  ['ecdsa', 'ecdsa'],
  ['ed25519', 'ed25519'],
]);

const SUBJECT = 4; // behind serial number, algorithm, issuer and validity

/** What a call asks for; the key comes with it or is made. */
type Wish = Omit<CertificateContent, 'key' | 'notBefore' | 'notAfter'> & { readonly days: bigint };

const AUTHORITY: readonly ParamType[] = ['string', 'int'];
const SERVER: readonly ParamType[] = ['string', 'any', 'any', 'int'];

export const CERTIFICATE_FUNCTIONS: FunctionTable = {
  genPrivateKey: {
    params: ['string'],
    call(args, evaluation) {
      const type = textAt(args, 0);
      const kind = KEY_KINDS.get(type);
      // The text is the value, as in sprig.
      return kind === undefined ? `Unknown type ${type}` : keyPem(generateKey(kind, evaluation));
    },
  },

  /** Certificate and key, both PEM in base64. */
  buildCustomCert: {
    params: ['string', 'string'],
    call(args, evaluation) {
      spendOnInputs(evaluation, textAt(args, 0), textAt(args, 1));
      return buildCustomCertificate(textAt(args, 0), textAt(args, 1));
    },
  },

  /** common name, days, and with …WithKey a key in PEM. */
  ...withAndWithoutKey('genCA', AUTHORITY, (args, key, evaluation) =>
    issue(authorityAt(args), key, undefined, evaluation),
  ),

  /** common name, addresses, DNS names, days. */
  ...withAndWithoutKey('genSelfSignedCert', SERVER, (args, key, evaluation) =>
    issue(serverAt(args), key, undefined, evaluation),
  ),

  /** The same and the authority, which is what `genCA` or `buildCustomCert` returned. */
  ...withAndWithoutKey('genSignedCert', [...SERVER, 'any'], (args, key, evaluation) => {
    const issuer = issuerOf(certificateAt(args, SERVER.length));
    return issue(serverAt(args), key, issuer, evaluation);
  }),
};

function withAndWithoutKey(
  name: string,
  params: readonly ParamType[],
  run: (args: readonly GoValue[], key: () => KeyObject, evaluation: Evaluation) => GoStruct,
): Record<string, TemplateFunction> {
  return {
    [name]: {
      params,
      call: (args, evaluation) => run(args, () => generateKey('rsa2048', evaluation), evaluation),
    },
    [`${name}WithKey`]: {
      params: [...params, 'string'],
      call(args, evaluation) {
        const pem = textAt(args, params.length);
        spendOnInputs(evaluation, pem);
        const key = withContext('parsing private key', () => parseKeyPem(pem));
        return run(args, () => key, evaluation);
      },
    },
  };
}

function authorityAt(args: readonly GoValue[]): Wish {
  return { commonName: textAt(args, 0), days: bigintAt(args, 1), ipAddresses: [], dnsNames: [], isAuthority: true };
}

function serverAt(args: readonly GoValue[]): Wish {
  return {
    commonName: textAt(args, 0),
    ipAddresses: ipAddressesAt(args, 1),
    dnsNames: dnsNamesAt(args, 2),
    days: bigintAt(args, 3),
    isAuthority: false,
  };
}

function issue(
  { days, ...wish }: Wish,
  key: () => KeyObject,
  issuer: Issuer | undefined,
  evaluation: Evaluation,
): GoStruct {
  spendOnInputs(evaluation, wish.commonName, ...wish.dnsNames, ...wish.ipAddresses);
  const validity = { notBefore: evaluation.now, notAfter: endOfValidity(evaluation.now, days) };
  const content = { ...wish, ...validity, key: key() };
  const der = withContext('error creating certificate', () => buildCertificate(content, issuer, evaluation));
  return certificateStruct({ certificate: encodePem('CERTIFICATE', der), key: keyPem(content.key) });
}

function issuerOf(authority: CertificatePair): Issuer {
  const { block } = decodePem(authority.certificate);
  if (block === undefined) throw new TemplateError('unable to decode certificate');
  const { certificate, subjectKeyId } = withContext('error parsing certificate', () => parseCertificate(block.bytes));
  const key = withContext('error parsing private key', () => parseKeyPem(authority.key));
  if (!certificate.checkPrivateKey(key)) {
    throw new TemplateError('error creating certificate: the private key is not that of the authority');
  }
  const name = certificateFields(block.bytes)[SUBJECT];
  if (name === undefined) throw new TemplateError('unable to decode certificate');
  return { name, subjectKeyId, key };
}

function buildCustomCertificate(certificate64: string, key64: string): GoStruct {
  const certificate = decodeGoBase64(certificate64);
  if (certificate === undefined) throw new TemplateError('unable to decode base64 certificate');
  const key = decodeGoBase64(key64);
  if (key === undefined) throw new TemplateError('unable to decode base64 private key');

  const { block } = decodePem(certificate);
  if (block === undefined) throw new TemplateError('unable to decode certificate');
  withContext('error parsing certificate', () => parseCertificate(block.bytes));
  withContext('error parsing private key', () => parseKeyPem(key));
  return certificateStruct({ certificate, key });
}
