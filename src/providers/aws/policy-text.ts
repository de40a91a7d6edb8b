/** A statement of an IAM policy. */
export interface Statement {
  readonly Effect: 'Allow';
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A policy as IAM takes it. */
export function policyText(...statements: readonly Statement[]): string {
  return `${JSON.stringify({ Version: '2012-10-17', Statement: statements }, undefined, 2)}\n`;
}
