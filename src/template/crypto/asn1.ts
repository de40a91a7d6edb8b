import type { asn1 } from 'node-forge';
import { cryptoLibraries } from '../functions/crypto-libraries.ts';
import { TemplateError } from '../template-error.ts';

// ASN.1 values of node-forge, whose contents are byte strings as ours are.

export type Asn1 = asn1.Asn1;

const UNIVERSAL = 0x00;
const CONTEXT = 0x80;

const TAGS = {
  boolean: 1,
  integer: 2,
  bits: 3,
  octets: 4,
  null: 5,
  oid: 6,
  utf8: 12,
  sequence: 16,
  set: 17,
  printable: 19,
  ia5: 22,
  bmp: 30,
} as const;
const UTC_TIME = 23;
const GENERALIZED_TIME = 24;

export const sequence = (...items: readonly Asn1[]): Asn1 => create(UNIVERSAL, TAGS.sequence, [...items]);
export const octets = (bytes: string): Asn1 => create(UNIVERSAL, TAGS.octets, bytes);
export const nothing = (): Asn1 => create(UNIVERSAL, TAGS.null, '');
export const yes = (): Asn1 => create(UNIVERSAL, TAGS.boolean, '\xff');
export const bits = (bytes: string, unused = 0): Asn1 =>
  create(UNIVERSAL, TAGS.bits, String.fromCharCode(unused) + bytes);
export const printableText = (text: string): Asn1 => create(UNIVERSAL, TAGS.printable, text);
export const utf8Text = (bytes: string): Asn1 => create(UNIVERSAL, TAGS.utf8, bytes);
export const bmpText = (text: string): Asn1 => create(UNIVERSAL, TAGS.bmp, text);
export const utcTime = (text: string): Asn1 => create(UNIVERSAL, UTC_TIME, text);
export const generalizedTime = (text: string): Asn1 => create(UNIVERSAL, GENERALIZED_TIME, text);
export const explicit = (tag: number, item: Asn1): Asn1 => create(CONTEXT, tag, [item]);
export const implicit = (tag: number, bytes: string): Asn1 => create(CONTEXT, tag, bytes);

/** DER sorts the members of a SET OF. */
export function setOf(...items: readonly Asn1[]): Asn1 {
  const sorted = items.toSorted((a, b) => (encode(a) < encode(b) ? -1 : 1));
  return create(UNIVERSAL, TAGS.set, sorted);
}

export function oid(dotted: string): Asn1 {
  return create(UNIVERSAL, TAGS.oid, cryptoLibraries().forge.asn1.oidToDer(dotted).getBytes());
}

/** Not negative. */
export function integer(value: bigint | number): Asn1 {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('latin1');
  return create(UNIVERSAL, TAGS.integer, bytes.charCodeAt(0) >= 0x80 ? `\0${bytes}` : bytes);
}

export function encode(value: Asn1): string {
  return cryptoLibraries().forge.asn1.toDer(value).getBytes();
}

/** Reads DER, and the pieces and open lengths of BER. Nothing may follow the value. */
export function decode(bytes: string): Asn1 {
  try {
    return cryptoLibraries().forge.asn1.fromDer(bytes, true);
  } catch {
    throw malformed();
  }
}

/** The members of a sequence, of a set, or what stands within an explicit tag. */
export function itemsOf(value: Asn1 | undefined): readonly Asn1[] {
  if (value === undefined || typeof value.value === 'string') throw malformed();
  return value.value;
}

/** The bytes of an OCTET STRING, which BER may write in pieces, or of anything that is not constructed. */
export function bytesOf(value: Asn1 | undefined): string {
  if (value === undefined) throw malformed();
  return typeof value.value === 'string' ? value.value : value.value.map(bytesOf).join('');
}

/** What a BIT STRING of whole bytes holds. node-forge may have taken it apart, so its encoding is read. */
export function bitsOf(value: Asn1 | undefined): string {
  if (value === undefined || !isUniversal(value, 'bits')) throw malformed();
  const encoded = encode(value);
  const length = encoded.charCodeAt(1);
  return encoded.slice(length < 0x80 ? 3 : 3 + (length & 0x7f));
}

export function oidOf(value: Asn1 | undefined): string {
  if (value === undefined || !isUniversal(value, 'oid')) throw malformed();
  try {
    return cryptoLibraries().forge.asn1.derToOid(bytesOf(value));
  } catch {
    throw malformed(); // node-forge has no numbers beyond 2^53
  }
}

/** A small integer; Infinity for one that no limit allows. */
export function numberOf(value: Asn1 | undefined): number {
  if (value === undefined || !isUniversal(value, 'integer')) throw malformed();
  return Number(`0x${Buffer.from(bytesOf(value), 'latin1').toString('hex') || '0'}`);
}

export function isUniversal(value: Asn1 | undefined, tag: keyof typeof TAGS): boolean {
  return hasTag(value, UNIVERSAL, TAGS[tag]);
}

export function isContext(value: Asn1 | undefined, tag: number): boolean {
  return hasTag(value, CONTEXT, tag);
}

function hasTag(value: Asn1 | undefined, tagClass: number, tag: number): boolean {
  if (value === undefined) return false;
  const own: readonly [number, number] = [value.tagClass, value.type];
  return own[0] === tagClass && own[1] === tag;
}

function create(tagClass: number, tag: number, value: string | Asn1[]): Asn1 {
  return cryptoLibraries().forge.asn1.create(tagClass, tag, typeof value !== 'string', value);
}

function malformed(): TemplateError {
  return new TemplateError('malformed ASN.1');
}
