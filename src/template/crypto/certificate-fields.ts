import { isUtf8 } from 'node:buffer';
import { TemplateError } from '../template-error.ts';
import { type Asn1, generalizedTime, oid, printableText, sequence, setOf, utcTime, utf8Text } from './asn1.ts';

const COMMON_NAME = '2.5.4.3';
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

/** A Name with a common name alone, or with nothing. `commonName` is UTF-8 in a byte string. */
export function certificateName(commonName: string): Asn1 {
  if (commonName === '') return sequence();
  if (!isUtf8(Buffer.from(commonName, 'latin1'))) throw new TemplateError('the common name is not UTF-8');
  return sequence(setOf(sequence(oid(COMMON_NAME), directoryString(commonName))));
}

/** The narrower kind of string where it will do. `text` is UTF-8 in a byte string. */
export function directoryString(text: string): Asn1 {
  return PRINTABLE.test(text) ? printableText(text) : utf8Text(text);
}

/** RFC 5280, 4.1.2.5: two digits for the years from 1950 to 2049. */
export function certificateTime(date: Date): Asn1 {
  const digits = date.toISOString().replaceAll(/\..*$|[-:T]/g, '');
  const year = date.getUTCFullYear();
  return year >= 1950 && year < 2050 ? utcTime(`${digits.slice(2)}Z`) : generalizedTime(`${digits}Z`);
}
