/** Who can fix it: the author of the Pod or store, whoever grants access, time, or us. */
export type Fault = 'user' | 'denied' | 'transient' | 'internal';

/** Every code this program can report. Codes are public: never renamed, never reused. See docs/errors.md. */
export const ERROR_CODES = {
  REF_INVALID: 'user',
  ANNOTATION_INVALID: 'user',
  VARIABLE_EXISTS: 'user',
  STORE_NOT_FOUND: 'user',
  STORE_INVALID: 'user',
  SECRET_NOT_FOUND: 'user',
  PROPERTY_NOT_FOUND: 'user',
  VALUE_INVALID: 'user',
  VALUE_TOO_LARGE: 'user',
  SERVICE_ACCOUNT_NOT_FOUND: 'user',
  OWNER_INVALID: 'user',
  TARGET_CONFLICT: 'user',
  EXTERNAL_SECRET_NOT_FOUND: 'user',
  EXTERNAL_SECRET_INVALID: 'user',
  TEMPLATE_FAILED: 'user',
  CONFIG_INVALID: 'user',
  MANIFEST_INVALID: 'user',
  UNRESOLVED: 'user',
  NAMESPACE_NOT_OPTED_IN: 'denied',
  WRITE_REFUSED: 'denied',
  STORE_NOT_ALLOWED: 'denied',
  STORE_CREDENTIAL_UNREADABLE: 'denied',
  AUDIENCE_NOT_ALLOWED: 'denied',
  ENDPOINT_NOT_ALLOWED: 'denied',
  IDENTITY_REJECTED: 'denied',
  ACCESS_DENIED: 'denied',
  PROVIDER_THROTTLED: 'transient',
  PROVIDER_TIMEOUT: 'transient',
  PROVIDER_UNAVAILABLE: 'transient',
  CLUSTER_UNAVAILABLE: 'transient',
  BUSY: 'transient',
  EXTERNAL_SECRET_NOT_READY: 'transient',
  INTERNAL: 'internal',
} as const satisfies Record<string, Fault>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetail {
  /** Address of the mistake, such as `container "api", env DB_PASSWORD`. */
  readonly where?: string | undefined;
  /** An imperative sentence for the reader. */
  readonly hint?: string | undefined;
  /** How long the other side asked us to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** For us: its text is never shown or logged, because foreign errors may quote what they carried. */
  readonly cause?: unknown;
}

/** The one error of this program: a public code, what happened, where, and what to do. Holds no secret bytes. */
export class LatchkeyError extends Error {
  override readonly name = 'LatchkeyError';
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly hint: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, { cause: detail.cause });
    this.code = code;
    this.where = detail.where;
    this.hint = detail.hint;
    this.retryAfterMs = detail.retryAfterMs;
  }

  get fault(): Fault {
    return ERROR_CODES[this.code];
  }

  /** One line for its reader: where: what. Do this. [CODE] */
  get line(): string {
    const place = this.where === undefined ? '' : `${this.where}: `;
    const hint = this.hint === undefined ? '' : ` ${sentence(this.hint)}`;
    return `${place}${sentence(this.message)}${hint} [${this.code}]`.replaceAll(/[\r\n]+/g, ' ');
  }

  /** The same error with an address, the outermost place first. */
  at(where: string): LatchkeyError {
    const place = this.where === undefined ? where : `${where}, ${this.where}`;
    return new LatchkeyError(this.code, this.message, {
      where: place,
      hint: this.hint,
      retryAfterMs: this.retryAfterMs,
      cause: this.cause,
    });
  }

  static from(thrown: unknown): LatchkeyError {
    if (thrown instanceof LatchkeyError) return thrown;
    return new LatchkeyError('INTERNAL', 'unexpected failure', {
      hint: "Look in Latchkey's log for this request, and report it",
      cause: thrown,
    });
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
