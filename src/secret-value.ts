import { inspect } from 'node:util';

const MASK = '[secret]';

/** Bytes that came from a provider, or that open one. Prints as a mask wherever it ends up by accident. */
export class SecretValue {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  static fromText(text: string): SecretValue {
    return new SecretValue(Buffer.from(text, 'utf8'));
  }

  /** Length in bytes. */
  get size(): number {
    return this.#bytes.byteLength;
  }

  /** The way out. Called where a value is delivered or presented to its provider, and nowhere else. */
  expose(): Uint8Array {
    return this.#bytes;
  }

  /** The same way out, for bytes known to be UTF-8; other bytes become U+FFFD. */
  exposeText(): string {
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength).toString('utf8');
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
