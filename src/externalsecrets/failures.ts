import { LatchkeyError } from '../errors.ts';

/** What went wrong in several places of one definition. */
export interface Failures {
  /** Runs the work, and notes under its place what it throws. */
  collect(where: string, work: () => void): void;
  /** Throws the first failure, which counts the others. */
  throwFirst(): void;
}

export function createFailures(): Failures {
  const errors: LatchkeyError[] = [];

  return {
    collect(where, work) {
      try {
        work();
      } catch (thrown) {
        errors.push(LatchkeyError.from(thrown).at(where));
      }
    },

    throwFirst() {
      const [first, ...others] = errors;
      if (first === undefined) return;
      throw others.length === 0 ? first : counting(first, others.length);
    },
  };
}

function counting({ code, message, where, hint, retryAfterMs, cause }: LatchkeyError, others: number): LatchkeyError {
  const counted = others === 1 ? 'one other place fails too' : `${others} other places fail too`;
  return new LatchkeyError(code, `${message.replace(/\.$/, '')} (${counted})`, { where, hint, retryAfterMs, cause });
}
