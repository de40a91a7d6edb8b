import { LatchkeyError } from '../../errors.ts';
import { challengedTenant, type Complaint, complaintOf } from './answer.ts';
import type { HttpAnswer } from './http.ts';
import { isGuid } from './principal.ts';
import { type Scene, type Step, vaultName } from './scene.ts';
import { notAzure, troubleOf, unexplained } from './trouble.ts';

/** What a request needs: the smallest built-in role that has it, and the permission of an access policy. */
const PERMISSIONS = {
  secret: { role: 'Key Vault Secrets User', policy: '--secret-permissions get' },
  key: { role: 'Key Vault Reader', policy: '--key-permissions get' },
  certificate: { role: 'Key Vault Reader', policy: '--certificate-permissions get' },
  list: { role: 'Key Vault Secrets User', policy: '--secret-permissions get list' },
} as const satisfies Record<Step['kind'], { role: string; policy: string }>;

/** By Key Vault's code. What is not here is PROVIDER_UNAVAILABLE: doubtful access must never look like absence. */
const ABSENT = new Set(['SecretNotFound', 'KeyNotFound', 'CertificateNotFound']);
const DISABLED = /^(Secret|Key|Certificate)(Disabled|Expired|NotYetValid)$/;

/** The error that an answer of Key Vault without a value means. */
export function fromAnswer(answer: HttpAnswer, step: Step, scene: Scene): LatchkeyError {
  const trouble = troubleOf(answer);
  if (trouble !== undefined) return trouble;
  const complaint = complaintOf(answer);
  if (complaint === undefined) return notAzure(answer);
  switch (answer.status) {
    case 400:
      return complaint.code === 'BadParameter' ? invalid(step) : unexplained(answer);
    case 401:
      return rejected(answer, step, scene);
    case 403:
      return forbidden(complaint, step, scene);
    case 404:
      return step.kind !== 'list' && ABSENT.has(complaint.code) ? absent(step, scene) : unexplained(answer);
    default:
      return unexplained(answer);
  }
}

/** A vault that trusts another tenant than the one that made the token. */
export function foreignTenant(tenantId: string, { host, reader }: Scene): LatchkeyError {
  const own = reader.tenantId ?? "that of Latchkey's node";
  return new LatchkeyError(
    'IDENTITY_REJECTED',
    `${host} belongs to tenant ${tenantId}, and ${reader.who} is of tenant ${own}`,
    {
      hint: 'Correct spec.provider.azurekv.tenantId, the annotation azure.workload.identity/tenant-id, or vaultUrl',
    },
  );
}

function rejected(answer: HttpAnswer, step: Step, scene: Scene): LatchkeyError {
  const { host, reader } = scene;
  const tenantId = challengedTenant(answer);
  if (tenantId !== undefined && reader.tenantId !== undefined && isOther(tenantId, reader.tenantId)) {
    return foreignTenant(tenantId, scene);
  }
  return new LatchkeyError(
    'IDENTITY_REJECTED',
    `${host} does not accept the token of ${reader.who} to ${describe(step)}`,
    {
      hint: `Check that the identity still exists and is enabled, and ${reader.source}`,
    },
  );
}

/** A tenant has one id and many domains, so only ids can be told apart. */
function isOther(left: string, right: string): boolean {
  return isGuid(left) && isGuid(right) && left.toLowerCase() !== right.toLowerCase();
}

function forbidden({ inner }: Complaint, step: Step, scene: Scene): LatchkeyError {
  const { host, reader } = scene;
  if (step.kind !== 'list' && DISABLED.test(inner)) return disabled(inner, step, scene);
  if (inner === 'ForbiddenByFirewall' || inner === 'ForbiddenByConnection') {
    return new LatchkeyError(
      'ACCESS_DENIED',
      `the firewall of ${host} lets no request of Latchkey's network ${describe(step)}`,
      {
        hint: `Let the addresses of the cluster in (az keyvault network-rule add --name ${vaultName(scene)}), or give it a private endpoint`,
      },
    );
  }
  const message = `${host} does not let ${reader.who} ${describe(step)}`;
  return new LatchkeyError('ACCESS_DENIED', message, {
    hint: `${grantOf(inner, step, scene)}; or check ${reader.source}`,
  });
}

/** A vault is in one of two permission models, and grants of the other count for nothing. */
function grantOf(inner: string, step: Step, scene: Scene): string {
  const { role, policy } = PERMISSIONS[step.kind];
  const assignee = scene.reader.clientId ?? 'CLIENT_ID';
  const byRole = `az role assignment create --role "${role}" --assignee ${assignee} --scope ${scopeOf(step, scene)}`;
  const byPolicy = `az keyvault set-policy --name ${vaultName(scene)} --spn ${assignee} ${policy}`;
  if (inner === 'ForbiddenByRbac') return `Grant the role "${role}", and wait some minutes for it: ${byRole}`;
  if (inner === 'ForbiddenByPolicy') return `Grant it by an access policy: ${byPolicy}`;
  return `Grant the role "${role}" where the vault uses roles, else: ${byPolicy}`;
}

function scopeOf(step: Step, scene: Scene): string {
  const vault = `$(az keyvault show --name ${vaultName(scene)} --query id -o tsv)`;
  return step.kind === 'secret' ? `${vault}/secrets/${step.name}` : vault;
}

/** Whoever disabled it meant to close it: not the same as if it were not there. */
function disabled(inner: string, step: Exclude<Step, { kind: 'list' }>, scene: Scene): LatchkeyError {
  const state = inner.endsWith('Disabled') ? 'disabled' : inner.endsWith('Expired') ? 'expired' : 'not valid yet';
  const message = `${scene.host} does not let anybody ${describe(step)}: it is ${state}`;
  const enable = `az keyvault ${step.kind} set-attributes --vault-name ${vaultName(scene)} --name ${step.name} --enabled true`;
  const hint =
    state === 'disabled' ? `Enable it, or add a new version: ${enable}` : 'Add a new version, or correct its dates';
  return new LatchkeyError('ACCESS_DENIED', message, { hint });
}

function absent({ kind, name, version }: Exclude<Step, { kind: 'list' }>, { host }: Scene): LatchkeyError {
  const what = version === undefined ? `the ${kind} "${name}"` : `version ${version} of the ${kind} "${name}"`;
  return new LatchkeyError('SECRET_NOT_FOUND', `${what} does not exist in ${host}`, {
    hint: 'Create it, recover it if it was deleted, or correct the key; keys and certificates are read as key/NAME and cert/NAME',
  });
}

function invalid(step: Step): LatchkeyError {
  return new LatchkeyError('REF_INVALID', `Key Vault takes no request to ${describe(step)}`, {
    hint: 'Correct the key and the version',
  });
}

function describe(step: Step): string {
  if (step.kind === 'list') return 'list its secrets';
  const what = `${step.kind} "${step.name}"`;
  return step.version === undefined ? `read ${what}` : `read version ${step.version} of ${what}`;
}
