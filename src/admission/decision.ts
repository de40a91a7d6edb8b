import type { Fault, LatchkeyError } from '../errors.ts';
import type { JsonPatchOperation } from '../planning/json-patch.ts';
import { groupProblems } from '../planning/problems.ts';

/** Our answer before it takes wire format. */
export type Decision =
  | { readonly kind: 'unchanged'; readonly warnings: readonly string[] }
  | { readonly kind: 'patched'; readonly patch: readonly JsonPatchOperation[]; readonly warnings: readonly string[] }
  | { readonly kind: 'denied'; readonly problems: readonly LatchkeyError[]; readonly warnings: readonly string[] };

/** `response` of an AdmissionReview; the server adds the uid and the envelope. */
export interface AdmissionResponse {
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly message: string; readonly reason: string };
  readonly patch?: string;
  readonly patchType?: 'JSONPatch';
  readonly warnings?: readonly string[];
}

const STATUS = {
  user: { code: 422, reason: 'Invalid' },
  denied: { code: 403, reason: 'Forbidden' },
  transient: { code: 503, reason: 'ServiceUnavailable' },
  internal: { code: 500, reason: 'InternalError' },
} as const satisfies Record<Fault, { code: number; reason: string }>;

/** Of several problems the one that a retry cannot mend decides the status. */
const WEIGHT = ['user', 'denied', 'internal', 'transient'] as const satisfies readonly Fault[];

const MOST_PROBLEMS = 10;
/** Names in a review may have any length: the API server checks them after us. */
const LINE_LENGTH = 2000;
/** The API server cuts warnings beyond 120 characters to nothing readable, and all of them beyond 4,096. */
const MOST_WARNINGS = 10;
const WARNING_LENGTH = 240;

/** The only maker of responses. Every denial is HTTP 200 with `allowed: false` and one line for its reader. */
export function toResponse(decision: Decision): AdmissionResponse {
  const warnings = decision.warnings.slice(0, MOST_WARNINGS).map((warning) => warning.slice(0, WARNING_LENGTH));
  const shared = warnings.length === 0 ? {} : { warnings };
  switch (decision.kind) {
    case 'unchanged':
      return { allowed: true, ...shared };
    case 'patched': {
      const patch = Buffer.from(JSON.stringify(decision.patch)).toString('base64');
      return { allowed: true, patchType: 'JSONPatch', patch, ...shared };
    }
    case 'denied':
      return { allowed: false, status: denialStatus(decision.problems), ...shared };
  }
}

function denialStatus(problems: readonly LatchkeyError[]) {
  const groups = groupProblems(problems);
  const fault = WEIGHT.find((candidate) => groups.some((problem) => problem.fault === candidate)) ?? 'internal';
  const rest = groups.length - MOST_PROBLEMS;
  const lines = groups.slice(0, MOST_PROBLEMS).map(boundedLine);
  if (rest > 0) lines.push(`And ${rest} more problems.`);
  return { ...STATUS[fault], message: lines.join(' ') };
}

function boundedLine({ line, code }: LatchkeyError): string {
  return line.length <= LINE_LENGTH ? line : `${line.slice(0, LINE_LENGTH)}… [${code}]`;
}
