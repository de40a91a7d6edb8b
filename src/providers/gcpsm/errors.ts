import { LatchkeyError } from '../../errors.ts';
import { type Complaint, complaintOf } from './answer.ts';
import type { HttpAnswer } from './http.ts';
import type { Scene, Step } from './scene.ts';
import { notGoogle, troubleOf, unexplained } from './trouble.ts';

/** What a request needs, and the smallest role of Google's that has it. */
const PERMISSIONS = {
  value: { does: 'read', permission: 'secretmanager.versions.access', role: 'roles/secretmanager.secretAccessor' },
  metadata: {
    does: 'read the metadata of',
    permission: 'secretmanager.secrets.get',
    role: 'roles/secretmanager.viewer',
  },
  versions: {
    does: 'list the versions of',
    permission: 'secretmanager.versions.list',
    role: 'roles/secretmanager.viewer',
  },
  list: { does: 'list the secrets of', permission: 'secretmanager.secrets.list', role: 'roles/secretmanager.viewer' },
} as const satisfies Record<Step['kind'], { does: string; permission: string; role: string }>;

type Meaning = (answer: HttpAnswer, complaint: Complaint, step: Step, scene: Scene) => LatchkeyError;

/** By Google's canonical status. What is not here is PROVIDER_UNAVAILABLE: doubtful access must never look like absence. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  UNAUTHENTICATED: (_answer, _complaint, step, scene) => expired(step, scene),
  PERMISSION_DENIED: (_answer, _complaint, step, scene) => denied(step, scene),
  NOT_FOUND: (answer, _complaint, step, scene) => (step.kind === 'list' ? unexplained(answer) : absent(step, scene)),
  FAILED_PRECONDITION: (answer, complaint, step, scene) => lost(complaint, step, scene) ?? unexplained(answer),
  INVALID_ARGUMENT: (_answer, _complaint, step) => invalid(step),
};

/** The error that an answer of Secret Manager without a value means. Google's own words decide, and are never repeated. */
export function fromAnswer(answer: HttpAnswer, step: Step, scene: Scene): LatchkeyError {
  const trouble = troubleOf(answer, scene.project);
  if (trouble !== undefined) return trouble;
  const complaint = complaintOf(answer);
  if (complaint === undefined) return notGoogle(answer);
  return MEANINGS[complaint.status]?.(answer, complaint, step, scene) ?? unexplained(answer);
}

/** Whether the version that was asked for exists and holds no value: it was disabled or destroyed. */
export function isLostVersion(answer: HttpAnswer): boolean {
  const complaint = complaintOf(answer);
  return complaint?.status === 'FAILED_PRECONDITION' && stateOf(complaint) !== undefined;
}

function expired(step: Step, { reader }: Scene): LatchkeyError {
  const message = `Google no longer accepts the token of ${reader.who} to ${describe(step)}`;
  return new LatchkeyError('IDENTITY_REJECTED', message, {
    hint: `Check that ${reader.member} still exists and is not disabled`,
  });
}

function denied(step: Step, { project, location, reader }: Scene): LatchkeyError {
  const { permission, role } = PERMISSIONS[step.kind];
  const binding = `--member='${reader.member}' --role=${role}`;
  const regional = location === undefined ? '' : ` --location=${location}`;
  const grant =
    step.kind === 'list'
      ? `gcloud projects add-iam-policy-binding ${project} ${binding}`
      : `gcloud secrets add-iam-policy-binding ${step.key} --project=${project}${regional} ${binding}`;
  const message = `Google does not let ${reader.who} ${describe(step)} in project "${project}", or there is no such thing`;
  return new LatchkeyError('ACCESS_DENIED', message, { hint: `Grant ${permission}: ${grant}` });
}

function absent(step: Exclude<Step, { kind: 'list' }>, { project, location }: Scene): LatchkeyError {
  const where = location === undefined ? `project "${project}"` : `${location} of project "${project}"`;
  const version = step.kind === 'value' && step.version !== 'latest' ? `version ${step.version} of ` : '';
  return new LatchkeyError(
    'SECRET_NOT_FOUND',
    `${version}"${step.key}" does not exist in ${where}, or has no version`,
    {
      hint: 'Create it, or correct the key; regional secrets need spec.provider.gcpsm.location',
    },
  );
}

/** Google tells with one status which versions are disabled and which destroyed, and only in words. */
function lost(complaint: Complaint, step: Step, { project, location }: Scene): LatchkeyError | undefined {
  const state = stateOf(complaint);
  if (state === undefined || step.kind !== 'value') return undefined;
  const version = /\/versions\/(\d+)/.exec(complaint.message)?.[1] ?? step.version;
  const message = `version ${version} of "${step.key}" is ${state}`;
  if (state === 'destroyed') {
    const hint = 'It cannot be restored: add a new version, or ask for another one';
    return new LatchkeyError('SECRET_NOT_FOUND', message, { hint });
  }
  const regional = location === undefined ? '' : ` --location=${location}`;
  return new LatchkeyError('SECRET_NOT_FOUND', message, {
    hint: `Add a new version, or enable it: gcloud secrets versions enable ${version} --secret=${step.key} --project=${project}${regional}`,
  });
}

function stateOf({ message }: Complaint): 'disabled' | 'destroyed' | undefined {
  if (/\bDESTROYED\b/.test(message)) return 'destroyed';
  return /\bDISABLED\b/.test(message) ? 'disabled' : undefined;
}

function invalid(step: Step): LatchkeyError {
  return new LatchkeyError('REF_INVALID', `Google takes no request to ${describe(step)}`, {
    hint: 'Correct the key and the version, or spec.provider.gcpsm.location',
  });
}

function describe(step: Step): string {
  const { does } = PERMISSIONS[step.kind];
  return step.kind === 'list' ? `${does} it` : `${does} "${step.key}"`;
}
