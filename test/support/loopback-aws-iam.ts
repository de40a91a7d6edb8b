/** A policy as IAM takes it. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  /** Absent in trust policies. */
  readonly Resource?: string | readonly string[];
  readonly Principal?: { readonly Federated?: string | readonly string[]; readonly AWS?: string | readonly string[] };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface AccessRequest {
  readonly action: string;
  readonly resource?: string;
  /** Of a trust policy: an OIDC provider or a role. */
  readonly principal?: { readonly type: 'Federated' | 'AWS'; readonly arn: string };
  /** Condition keys, such as `sts:ExternalId`. */
  readonly context?: Readonly<Record<string, string>>;
}

/** An explicit Deny wins, and what no statement allows is refused. Conditions know StringEquals and StringLike. */
export function isAllowed({ Statement }: PolicyDocument, request: AccessRequest): boolean {
  const effects = Statement.filter((statement) => covers(statement, request)).map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

function covers({ Action, Resource, Principal, Condition = {} }: PolicyStatement, request: AccessRequest): boolean {
  const { action, resource, principal, context = {} } = request;
  if (!listOf(Action).some((pattern) => isLike(pattern.toLowerCase(), action.toLowerCase()))) return false;
  if (resource !== undefined && !listOf(Resource).some((pattern) => isLike(pattern, resource))) return false;
  if (principal !== undefined && !listOf(Principal?.[principal.type]).includes(principal.arn)) return false;
  return Object.entries(Condition).every(([operator, wanted]) =>
    Object.entries(wanted).every(([key, values]) => {
      const value = context[key];
      if (value === undefined) return false;
      if (operator === 'StringEquals') return listOf(values).includes(value);
      if (operator === 'StringLike') return listOf(values).some((pattern) => isLike(pattern, value));
      throw new Error(`the condition operator ${operator} is not known here`);
    }),
  );
}

function listOf(value: string | readonly string[] = []): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function isLike(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
