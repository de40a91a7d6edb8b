import { type ErrorCode, LatchkeyError } from '../../errors.ts';
import { type Complaint, complaintOf } from './answer.ts';
import type { HttpAnswer } from './http.ts';

/** What stands in the way of all requests for a project, whoever asks; by Google's reason. */
const PROJECT_REASONS = new Map<string, readonly [says: string, hint: string]>(
  Object.entries({
    SERVICE_DISABLED: ['is not enabled for project', 'Enable it: gcloud services enable {service} --project={project}'],
    BILLING_DISABLED: ['wants billing, which is off for project', 'Link project {project} to a billing account'],
    CONSUMER_INVALID: ['knows no project', 'Correct spec.provider.gcpsm.projectID'],
    RESOURCE_PROJECT_INVALID: ['knows no project', 'Correct spec.provider.gcpsm.projectID'],
    SECURITY_POLICY_VIOLATED: [
      'is closed by VPC Service Controls for project',
      "Let Latchkey's network and the identity in by the access level of the perimeter around project {project}",
    ],
  }),
);

/** Why Google cannot serve, by status; others are told by their number. */
const STATES: Readonly<Record<number, string>> = {
  500: 'failed',
  502: 'cannot be reached by what stands before it',
  503: 'is unavailable',
};

/**
 * What an answer says that has nothing to do with who asks for what: trouble that passes, something else than Google, or a
 * project that is closed to everybody. Undefined where the answer is a refusal or an absence.
 */
export function troubleOf(answer: HttpAnswer, project: string): LatchkeyError | undefined {
  const { host, status } = answer;
  const complaint = complaintOf(answer);
  if (status === 429) {
    const hint = `Wait, or ask for more quota of ${host} in the project`;
    return transient('PROVIDER_THROTTLED', `${host} limits the rate of requests`, hint, answer, complaint);
  }
  if (status === 504 || status === 408) {
    return transient('PROVIDER_TIMEOUT', `${host} did not answer in time`, 'Wait for Google', answer, complaint);
  }
  if (status >= 500) {
    const state = STATES[status] ?? `answered ${status}`;
    return transient('PROVIDER_UNAVAILABLE', `${host} ${state}`, "Look at Google's status page", answer, complaint);
  }
  if (complaint === undefined) return notGoogle(answer);

  const [says, hint] = PROJECT_REASONS.get(complaint.reason) ?? [];
  if (says === undefined || hint === undefined) return undefined;
  const { service = host, project: consumer = project } = complaint;
  return new LatchkeyError('ACCESS_DENIED', `${service} ${says} "${consumer}"`, {
    hint: hint.replaceAll('{project}', consumer).replaceAll('{service}', service),
  });
}

/** An answer in no form of Google's: a proxy, a web page, a redirect, another service. */
export function notGoogle({ host, status }: Pick<HttpAnswer, 'host' | 'status'>): LatchkeyError {
  return new LatchkeyError('PROVIDER_UNAVAILABLE', `${host} answered ${status} in a form that is not Google's`, {
    hint: 'Check what answers there: a proxy, a private endpoint, another service',
  });
}

/** Google refused without a reason that is known here. */
export function unexplained({ host, status }: Pick<HttpAnswer, 'host' | 'status'>): LatchkeyError {
  return new LatchkeyError('PROVIDER_UNAVAILABLE', `${host} answered ${status}`, {
    hint: "Look into the project's audit log at that time",
  });
}

function transient(
  code: ErrorCode,
  message: string,
  hint: string,
  { retryAfterMs }: HttpAnswer,
  complaint: Complaint | undefined,
): LatchkeyError {
  return new LatchkeyError(code, message, { hint, retryAfterMs: retryAfterMs ?? complaint?.retryDelayMs });
}
