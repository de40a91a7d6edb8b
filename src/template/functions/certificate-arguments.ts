import { parseIpAddress } from '../crypto/ip-address.ts';
import { TemplateError } from '../template-error.ts';
import { typeName } from '../type-name.ts';
import { GoList, GoStruct, type GoValue } from '../value.ts';
import { valueAt } from './arguments.ts';

const CERTIFICATE = 'sprig.certificate';

/** A certificate and its key, both in PEM. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

/** What sprig's functions return: a struct with the fields Cert and Key. */
export function certificateStruct({ certificate, key }: CertificatePair): GoStruct {
  return new GoStruct(CERTIFICATE, {
    fields: [
      ['Cert', certificate],
      ['Key', key],
    ],
  });
}

/** Only what one of the functions returned: a template cannot make the struct itself. */
export function certificateAt(args: readonly GoValue[], index: number): CertificatePair {
  const value = valueAt(args, index);
  if (!(value instanceof GoStruct) || value.type !== CERTIFICATE) throw wrongType(CERTIFICATE, value);
  const [certificate, key] = [value.fields.get('Cert'), value.fields.get('Key')];
  if (typeof certificate !== 'string' || typeof key !== 'string') throw wrongType(CERTIFICATE, value);
  return { certificate, key };
}

/** Four or sixteen bytes each. */
export function ipAddressesAt(args: readonly GoValue[], index: number): readonly string[] {
  return textsAt(args, index, 'ip').map((text, at) => {
    const address = parseIpAddress(text);
    if (address === undefined) throw new TemplateError(`error parsing ip: item ${at + 1} is no address`);
    return address;
  });
}

export function dnsNamesAt(args: readonly GoValue[], index: number): readonly string[] {
  return textsAt(args, index, 'alternate dns name').map((text, at) => {
    if (/[\x80-\xff]/.test(text)) {
      throw new TemplateError(`error processing alternate dns name: item ${at + 1} is not ASCII`);
    }
    return text;
  });
}

/** A []interface {} of strings, or nil. */
function textsAt(args: readonly GoValue[], index: number, noun: string): readonly string[] {
  const value = valueAt(args, index);
  if (value === null) return [];
  if (!(value instanceof GoList) || value.elem !== 'interface {}') throw wrongType('[]interface {}', value);
  return value.items.map((item, at) => {
    if (typeof item !== 'string') throw new TemplateError(`error processing ${noun}: item ${at + 1} is not a string`);
    return item;
  });
}

function wrongType(expected: string, value: GoValue): TemplateError {
  return new TemplateError(`wrong type for value; expected ${expected}; got ${typeName(value)}`);
}
