import type { KeyObject } from 'node:crypto';
import { type ChainedCertificate, certificatesPem, chainFrom, orderChain } from '../crypto/certificate-chain.ts';
import { distinguishedName } from '../crypto/distinguished-name.ts';
import { certificateFields, parseCertificate, parseCertificates } from '../crypto/parse-certificate.ts';
import { decodePem, encodePem } from '../crypto/pem-block.ts';
import { parseAnyPrivateKey, parsePrivateKey, toPkcs8 } from '../crypto/private-key.ts';
import { readPkcs12 } from '../crypto/read-pkcs12.ts';
import { withContext } from '../crypto/with-context.ts';
import { spendOnInputs } from '../crypto/work.ts';
import { writePkcs12, writeTrustStore } from '../crypto/write-pkcs12.ts';
import { TemplateError } from '../template-error.ts';
import type { Evaluation, FunctionTable, TemplateFunction } from '../template-function.ts';
import { textAt } from './arguments.ts';

const SUBJECT = 4; // behind serial number, algorithm, issuer and validity

/** Files come as bytes, and go as base64. Each function exists with a password and, with an empty one, without. */
export const PKCS12_FUNCTIONS: FunctionTable = {
  pkcs12key: takes(1, ([file = ''], evaluation) => readKey(file, '', evaluation)),
  pkcs12keyPass: takes(2, ([password = '', file = ''], evaluation) => readKey(file, password, evaluation)),
  pkcs12cert: takes(1, ([file = ''], evaluation) => readCertificates(file, '', evaluation)),
  pkcs12certPass: takes(2, ([password = '', file = ''], evaluation) => readCertificates(file, password, evaluation)),

  pemToPkcs12: takes(2, ([certificate = '', key = ''], evaluation) => write(certificate, key, '', 'first', evaluation)),
  pemToPkcs12Pass: takes(3, ([certificate = '', key = '', password = ''], evaluation) =>
    write(certificate, key, password, 'first', evaluation),
  ),
  fullPemToPkcs12: takes(2, ([certificates = '', key = ''], evaluation) =>
    write(certificates, key, '', 'all', evaluation),
  ),
  fullPemToPkcs12Pass: takes(3, ([certificates = '', key = '', password = ''], evaluation) =>
    write(certificates, key, password, 'all', evaluation),
  ),

  pemTruststoreToPKCS12: takes(1, ([certificates = ''], evaluation) => writeAnchors(certificates, '', evaluation)),
  pemTruststoreToPKCS12Pass: takes(2, ([certificates = '', password = ''], evaluation) =>
    writeAnchors(certificates, password, evaluation),
  ),
};

function takes(count: number, run: (texts: readonly string[], evaluation: Evaluation) => string): TemplateFunction {
  return {
    params: Array.from({ length: count }, () => 'string' as const),
    call(args, evaluation) {
      const texts = args.map((_, index) => textAt(args, index));
      spendOnInputs(evaluation, ...texts);
      return run(texts, evaluation);
    },
  };
}

function readKey(file: string, password: string, evaluation: Evaluation): string {
  return withContext('unable to decode pkcs12 with password', () => {
    const { key } = readPkcs12(file, password, evaluation);
    return encodePem('PRIVATE KEY', toPkcs8(parsePrivateKey(key, 'pkcs8')));
  });
}

function readCertificates(file: string, password: string, evaluation: Evaluation): string {
  return withContext('unable to decode pkcs12 certificate with password', () => {
    const { key, certificates } = readPkcs12(file, password, evaluation);
    const parsed = certificates.map(parseCertificate);
    return certificatesPem(inOrder(parsed, parsePrivateKey(key, 'pkcs8')));
  });
}

/** Leaf, intermediates, root. What belongs to no chain of the key's certificate stays in the file's order, behind it. */
function inOrder(certificates: readonly ChainedCertificate[], key: KeyObject): readonly ChainedCertificate[] {
  try {
    return orderChain(certificates);
  } catch {
    // more than one chain, or none that ends
  }
  const leaf = certificates.find(({ certificate }) => certificate.checkPrivateKey(key));
  if (leaf === undefined) return certificates;
  try {
    const chain = chainFrom(leaf, certificates);
    return [...chain, ...certificates.filter((certificate) => !chain.includes(certificate))];
  } catch {
    return certificates;
  }
}

function write(
  certificates: string,
  keyPem: string,
  password: string,
  which: 'first' | 'all',
  evaluation: Evaluation,
): string {
  const { block, rest } = decodePem(certificates);
  if (block === undefined) throw new TemplateError('no PEM data in the certificate');
  const certificate = parseCertificate(block.bytes).der;
  const authorities = which === 'all' ? parseCertificates(rest).map(({ der }) => der) : [];

  const keyBlock = decodePem(keyPem).block;
  if (keyBlock === undefined) throw new TemplateError('no PEM data in the private key');
  const key = toPkcs8(parseAnyPrivateKey(keyBlock.bytes));
  return toBase64(writePkcs12({ key, certificate, authorities }, { bytes: password }, evaluation));
}

function writeAnchors(certificates: string, password: string, evaluation: Evaluation): string {
  const entries = parseCertificates(certificates).map(({ der }) => ({
    certificate: der,
    friendlyName: distinguishedName(certificateFields(der)[SUBJECT]),
  }));
  return toBase64(writeTrustStore(entries, { bytes: password }, evaluation));
}

function toBase64(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('base64');
}
