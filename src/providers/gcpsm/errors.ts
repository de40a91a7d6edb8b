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
  list: { does: 'list the secrets', permission: 'secretmanager.secrets.list', role: 'roles/secretmanager.viewer' },
} as const satisfies Record<Step['kind'], { does: string; permission: string; role: string }>;

/** The error that an answer of Secret Manager without a value means. Google's own words decide, and are never repeated. */
export function fromAnswer(answer: HttpAnswer, step: Step, scene: Scene): LatchkeyError {
  const trouble = troubleOf(answer, scene.project);
  if (trouble !== undefined) return trouble;
  const complaint = complaintOf(answer);
  if (complaint === undefined) return notGoogle(answer);
  switch (complaint.status) {
    case 'UNAUTHENTICATED':
      return expired(step, scene);
    case 'PERMISSION_DENIED':
      return denied(step, scene);
    case 'NOT_FOUND':
      return step.kind === 'list' ? unexplained(answer) : absent(step, scene);
    case 'FAILED_PRECONDITION':
      return lost(complaint, step, scene) ?? unexplained(answer);
    case 'INVALID_ARGUMENT':
      return invalid(step, scene);
    default:
      return unexplained(answer); // doubtful access must never look like absence
  }
}

/** Whether the version that was asked for exists and holds no value: it was disabled or destroyed. */
export function isLostVersion(answer: HttpAnswer): boolean {
  const complaint = complaintOf(answer);
  return complaint?.status === 'FAILED_PRECONDITION' && stateOf(complaint) !== undefined;
}

function expired(step: Step, scene: Scene): LatchkeyError {
  const { who, member } = scene.reader;
  const message = `Google no longer accepts the token of ${who} to ${describe(step, scene)}`;
  return new LatchkeyError('IDENTITY_REJECTED', message, { hint: `Check that ${member} exists and is not disabled` });
}

/** Google says the same of what does not exist, so as not to tell names to strangers. */
function denied(step: Step, scene: Scene): LatchkeyError {
  const { project, reader } = scene;
  const { permission, role } = PERMISSIONS[step.kind];
  const policy =
    step.kind === 'list'
      ? `projects add-iam-policy-binding ${project}`
      : `secrets add-iam-policy-binding ${step.key} ${placeFlags(scene)}`;
  const doubt = step.kind === 'list' ? '' : ', or there is no such secret';
  return new LatchkeyError('ACCESS_DENIED', `Google does not let ${reader.who} ${describe(step, scene)}${doubt}`, {
    hint: `Grant ${permission}: gcloud ${policy} --role=${role} --member='${reader.member}'`,
  });
}

function absent(step: Exclude<Step, { kind: 'list' }>, scene: Scene): LatchkeyError {
  const isNamed = step.kind === 'value' && step.version !== 'latest';
  const what = isNamed
    ? `version ${step.version} of "${step.key}" does not exist`
    : `"${step.key}" does not exist, or has no version,`;
  return new LatchkeyError('SECRET_NOT_FOUND', `${what} in ${place(scene)}`, {
    hint: 'Create it, or correct the key and the version; regional secrets need spec.provider.gcpsm.location',
  });
}

/** Google tells with one status which versions are disabled and which destroyed, and only in words. */
function lost(complaint: Complaint, step: Step, scene: Scene): LatchkeyError | undefined {
  const state = stateOf(complaint);
  if (state === undefined || step.kind !== 'value') return undefined;
  const version = /\/versions\/(\d+)/.exec(complaint.message)?.[1] ?? step.version;
  const message = `version ${version} of "${step.key}" is ${state}`;
  if (state === 'destroyed') {
    const hint = 'It cannot be restored: add a new version, or ask for another one';
    return new LatchkeyError('SECRET_NOT_FOUND', message, { hint });
  }
  return new LatchkeyError('SECRET_NOT_FOUND', message, {
    hint: `Add a new version, or enable it: gcloud secrets versions enable ${version} --secret=${step.key} ${placeFlags(scene)}`,
  });
}

function stateOf({ message }: Complaint): 'disabled' | 'destroyed' | undefined {
  if (/\bDESTROYED\b/.test(message)) return 'destroyed';
  return /\bDISABLED\b/.test(message) ? 'disabled' : undefined;
}

function invalid(step: Step, scene: Scene): LatchkeyError {
  return new LatchkeyError('REF_INVALID', `Google takes no request to ${describe(step, scene)}`, {
    hint: 'Correct the key and the version, or spec.provider.gcpsm',
  });
}

function describe(step: Step, scene: Scene): string {
  const { does } = PERMISSIONS[step.kind];
  return `${does}${step.kind === 'list' ? '' : ` "${step.key}"`} in ${place(scene)}`;
}

function place({ project, location }: Scene): string {
  return location === undefined ? `project "${project}"` : `${location} of project "${project}"`;
}

function placeFlags({ project, location }: Scene): string {
  return `--project=${project}${location === undefined ? '' : ` --location=${location}`}`;
}
