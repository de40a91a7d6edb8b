import { LatchkeyError } from '../../errors.ts';

/** Bytes that one lookup may read and write, a tenth of a second's work; paths in common use read their document once or twice. */
const WORK_BYTES = 16 * 1024 * 1024;
const WORK_PER_DOCUMENT_BYTE = 4;

/** Levels of path, or of document where a modifier walks all of it. Far below what the stack holds. */
const MAX_DEPTH = 256;

/** What one lookup may cost. A path can ask for far more than it says: `[@this,@this]|[@this,@this]|…` doubles at each step. */
export class Budget {
  #bytes: number;
  #depth = 0;

  constructor(documentBytes: number) {
    this.#bytes = WORK_BYTES + WORK_PER_DOCUMENT_BYTE * documentBytes;
  }

  spend(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes < 0) throw tooMuch('asks for too much work');
  }

  nest<T>(inner: () => T): T {
    if (this.#depth === MAX_DEPTH) throw tooMuch(`goes deeper than ${MAX_DEPTH} levels`);
    this.#depth += 1;
    try {
      return inner();
    } finally {
      this.#depth -= 1;
    }
  }
}

// Not PROPERTY_NOT_FOUND: an `optional` reference must not take "we gave up" for "it is not there".
function tooMuch(what: string): LatchkeyError {
  return new LatchkeyError('REF_INVALID', `the property ${what}`, { hint: 'Write a simpler property' });
}
