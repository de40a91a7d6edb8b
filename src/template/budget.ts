import { TemplateError } from './template-error.ts';

export interface TemplateLimits {
  /** Values made, statements carried out, 64 bytes written: a step each. */
  readonly maxSteps: number;
  readonly maxOutputBytes: number;
  readonly maxMs: number;
}

export const DEFAULT_LIMITS: TemplateLimits = {
  maxSteps: 2_000_000,
  maxOutputBytes: 2 * 1024 * 1024, // a Secret holds half of that
  maxMs: 2000,
};

/** What one rendering may still use. Throws TemplateError beyond it, so that no template can hold the process. */
export class Budget {
  readonly #limits: TemplateLimits;
  readonly #startedMs = performance.now();
  #steps = 0;
  #bytes = 0;
  #lookedAt = 0;
  /** A limit was reached: whatever error there is, is about that. */
  isExhausted = false;

  constructor(limits: TemplateLimits) {
    this.#limits = limits;
  }

  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#limits.maxSteps) this.#stop('the template takes too many steps');
    if (this.#steps - this.#lookedAt < 1000) return;
    this.#lookedAt = this.#steps;
    if (performance.now() - this.#startedMs > this.#limits.maxMs) {
      this.#stop(`the template takes longer than ${this.#limits.maxMs} ms`);
    }
  }

  write(bytes: number): void {
    this.#bytes += bytes;
    this.spend(bytes / 64);
    if (this.#bytes > this.#limits.maxOutputBytes) {
      this.#stop(`the template makes more than ${this.#limits.maxOutputBytes} bytes`);
    }
  }

  #stop(message: string): never {
    this.isExhausted = true;
    throw new TemplateError(message);
  }
}
