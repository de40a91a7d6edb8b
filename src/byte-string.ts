import { SecretValue } from './secret-value.ts';

// Byte strings have one character a byte (latin1), so that text can be cut without changing a byte that is no UTF-8.

export function toByteString(value: SecretValue): string {
  const bytes = value.expose();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

export function fromByteString(text: string): SecretValue {
  return new SecretValue(Buffer.from(text, 'latin1'));
}
