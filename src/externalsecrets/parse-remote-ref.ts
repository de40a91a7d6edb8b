import type { Fields } from '../fields.ts';
import type { Decode } from '../references/reference.ts';
import type { KeyConversion, RemoteReference } from './definition.ts';

const DECODINGS = {
  None: 'none',
  Base64: 'base64',
  Base64URL: 'base64url',
  Auto: 'auto',
} as const satisfies Record<string, Decode>;

/** Stands in where one is missing, which is a mistake by itself. */
export const NO_REMOTE_REF: RemoteReference = {
  key: '',
  property: undefined,
  version: undefined,
  metadata: false,
  decode: 'none',
  conversion: 'Default',
  refusesNullBytes: false,
};

/** The `remoteRef` shape of `data[]`, and of `dataFrom[].extract`. */
export function parseRemoteRef(fields: Fields): RemoteReference {
  return {
    key: fields.text('key', { example: 'prod/db' }),
    property: textOrNone(fields, 'property'),
    version: textOrNone(fields, 'version'),
    metadata: fields.oneOf('metadataPolicy', ['None', 'Fetch'], 'None') === 'Fetch',
    ...parseHandling(fields),
  };
}

/** What happens to keys and values, in the words that `extract` and `find` share. */
export function parseHandling(fields: Fields): {
  readonly decode: Decode;
  readonly conversion: KeyConversion;
  readonly refusesNullBytes: boolean;
} {
  return {
    decode: parseDecoding(fields, 'decodingStrategy'),
    conversion: fields.oneOf('conversionStrategy', ['Default', 'Unicode'], 'Default'),
    refusesNullBytes: fields.oneOf('nullBytePolicy', ['Ignore', 'Fail'], 'Ignore') === 'Fail',
  };
}

export function parseDecoding(fields: Fields, name: string): Decode {
  return DECODINGS[fields.oneOf(name, ['None', 'Base64', 'Base64URL', 'Auto'], 'None')];
}

/** Charts write `property: ""` for none. */
export function textOrNone(fields: Fields, name: string): string | undefined {
  return fields.raw(name) === '' ? undefined : fields.optionalText(name);
}
