import type { GoValue } from './value.ts';

/**
 * What Go's reflection would know of a parameter; the evaluator checks and converts arguments by it before the call and
 * words the type errors. `any` takes everything; `list` any slice; `dict` is sprig's map[string]interface {}, which the
 * templates' root map (map[string]string) is not.
 */
export type ParamType =
  | 'any'
  | 'string'
  | 'bool'
  | 'int'
  | 'int64'
  | 'uint8'
  | 'float64'
  | 'string-list'
  | 'dict'
  | 'time'
  | 'duration';

/** What a call may use beside its arguments. Functions do no I/O. */
export interface Evaluation {
  /** The same moment for a whole template. */
  readonly now: Date;
  readonly randomBytes: (size: number) => Uint8Array;
  /** Counts work (a step is about a value made or 64 bytes written) and throws TemplateError beyond the limit. */
  readonly spend: (steps: number) => void;
}

/** One function that templates may call. Throws TemplateError for what Go returns as an error. */
export interface TemplateFunction {
  readonly params: readonly ParamType[];
  /** The type of any number of further arguments. */
  readonly variadic?: ParamType;
  call(args: readonly GoValue[], evaluation: Evaluation): GoValue;
}

export type FunctionTable = Readonly<Record<string, TemplateFunction>>;
