import { type Asn1, bytesOf, encode, isUniversal, itemsOf, oidOf } from './asn1.ts';
import { directoryString } from './certificate-fields.ts';

/** Types that Go's pkix.Name has fields for, in the order it prints them; those with `single` keep their last value only. */
const FIELDS: readonly { readonly type: string; readonly name: string; readonly single?: true }[] = [
  { type: '2.5.4.5', name: 'SERIALNUMBER', single: true },
  { type: '2.5.4.3', name: 'CN', single: true },
  { type: '2.5.4.11', name: 'OU' },
  { type: '2.5.4.10', name: 'O' },
  { type: '2.5.4.17', name: 'POSTALCODE' },
  { type: '2.5.4.9', name: 'STREET' },
  { type: '2.5.4.7', name: 'L' },
  { type: '2.5.4.8', name: 'ST' },
  { type: '2.5.4.6', name: 'C' },
];

const TEXTS = ['utf8', 'printable', 'ia5', 'bmp'] as const;

interface Attribute {
  readonly type: string;
  readonly value: Asn1;
}

/** A Name of X.501 as Go's pkix.Name prints it, which is near RFC 2253. */
export function distinguishedName(name: Asn1 | undefined): string {
  const attributes = itemsOf(name).flatMap(itemsOf).map(readAttribute);
  const known = FIELDS.flatMap((field) => {
    const values = attributes.filter(({ type }) => type === field.type).map(({ value }) => escape(textOf(value)));
    const shown = field.single === true ? values.slice(-1) : values;
    return shown.length === 0 ? [] : [shown.map((value) => `${field.name}=${value}`).join('+')];
  });
  const others = attributes
    .filter(({ type }) => FIELDS.every((field) => field.type !== type))
    .map(({ type, value }) => `${type}=#${Buffer.from(encode(asGoWrites(value)), 'latin1').toString('hex')}`);
  return [...known, ...others.toReversed()].join(',');
}

function readAttribute(item: Asn1): Attribute {
  const [type, value] = itemsOf(item);
  return { type: oidOf(type), value: value ?? item };
}

/** node-forge has decoded BMP strings already; all others are UTF-8 or a part of it. */
function textOf(value: Asn1): string {
  const bytes = bytesOf(value);
  return isUniversal(value, 'bmp') ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Go has read a text, and chooses anew what kind of string it writes. */
function asGoWrites(value: Asn1): Asn1 {
  if (TEXTS.every((kind) => !isUniversal(value, kind))) return value;
  return directoryString(Buffer.from(textOf(value), 'utf8').toString('latin1'));
}

function escape(value: string): string {
  return value.replaceAll(/[,+"\\<>;]|^[# ]| $/g, String.raw`\$&`);
}
