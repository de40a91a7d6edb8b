import type { Role } from './role.ts';

/** As whom AWS is asked. Holds no secret. */
export interface Principal {
  /** Such as `ServiceAccount payments/api` or `the access key in Secret aws`. */
  readonly who: string;
  /** None with an access key alone. */
  readonly role?: Role;
  /** Where role or key is named, such as `the annotation eks.amazonaws.com/role-arn of ServiceAccount payments/api`. */
  readonly source: string;
}

/** Who asks what, where: what messages name. */
export interface Scene {
  readonly service: 'Secrets Manager' | 'Parameter Store' | 'STS';
  readonly host: string;
  readonly region: string;
  readonly principal: Principal;
}

/** The exchange of a ServiceAccount's token for the role of its annotation. */
export interface WebIdentityStep {
  readonly kind: 'webIdentity';
  readonly role: Role;
  readonly audience: string;
  /** `system:serviceaccount:NAMESPACE:NAME`. */
  readonly subject: string;
}

/** One role of the store, assumed by what was assumed before. */
export interface AssumeRoleStep {
  readonly kind: 'assumeRole';
  readonly arn: string;
  /** Below spec.provider.aws. */
  readonly field: string;
  readonly hasExternalId: boolean;
  readonly hasTags: boolean;
}

/** A call of the store's service. */
export interface AccessStep {
  readonly kind: 'access';
  /** Such as `read "prod/db"`. */
  readonly does: string;
  /** The permission that it takes, and on what. */
  readonly action: string;
  readonly resource: string;
  /** Where it is about one remote secret. */
  readonly key?: string;
  readonly version?: string | undefined;
}

export type Step = WebIdentityStep | AssumeRoleStep | AccessStep;

/** How messages call a principal. */
export function describePrincipal({ who, role }: Principal): string {
  return role === undefined ? who : `role ${role.arn} (${who})`;
}
