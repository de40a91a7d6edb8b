import { TemplateError } from './template-error.ts';

export const BYTES_PER_STEP = 64;

export interface TemplateLimits {
  /** Values made, statements carried out, so many bytes written: a step each. */
  readonly maxSteps: number;
  readonly maxOutputBytes: number;
  readonly maxMs: number;
}

export const DEFAULT_LIMITS: TemplateLimits = {
  maxSteps: 2_000_000,
  maxOutputBytes: 2 * 1024 * 1024, // a Secret holds half of that
  maxMs: 2000,
};

/** Templates inside of templates. Go allows 100,000, and 1000 where the stack is small. */
const MAX_CALLS = 500;
/** Lists and pipelines inside each other, which is what grows the stack; it holds half as many again. */
const MAX_DEPTH = 1000;

/** What one rendering may still use. Throws TemplateError beyond it, so that no template can hold the process. */
export class Budget {
  readonly maxCalls = MAX_CALLS;
  readonly #limits: TemplateLimits;
  readonly #clock: () => number;
  readonly #startedMs: number;
  #steps = 0;
  #bytes = 0;
  #lookedAt = 0;
  #depth = 0;
  #calls = 0;
  /** A limit was reached: whatever error there is, is about that. */
  isExhausted = false;

  /** `clock` counts milliseconds from anywhere. */
  constructor(limits: TemplateLimits, clock: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#clock = clock;
    this.#startedMs = clock();
  }

  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#limits.maxSteps) this.#stop('the template takes too many steps');
    if (this.#steps - this.#lookedAt < 1000) return;
    this.#lookedAt = this.#steps;
    if (this.#clock() - this.#startedMs > this.#limits.maxMs) {
      this.#stop(`the template takes longer than ${this.#limits.maxMs} ms`);
    }
  }

  write(bytes: number): void {
    this.#bytes += bytes;
    this.spend(bytes / BYTES_PER_STEP);
    if (this.#bytes > this.#limits.maxOutputBytes) {
      this.#stop(`the template makes more than ${this.#limits.maxOutputBytes} bytes`);
    }
  }

  enter(): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#stop('the template goes too deep');
  }

  leave(): void {
    this.#depth -= 1;
  }

  /** False where that would be one template too many. */
  enterCall(): boolean {
    this.#calls += 1;
    return this.#calls <= MAX_CALLS;
  }

  leaveCall(): void {
    this.#calls -= 1;
  }

  #stop(message: string): never {
    this.isExhausted = true;
    throw new TemplateError(message);
  }
}
