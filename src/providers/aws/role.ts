/** An IAM role, by its ARN. */
export interface Role {
  readonly arn: string;
  readonly partition: string;
  readonly account: string;
}

const ROLE_ARN = /^arn:(aws(?:-[a-z]+)*):iam::(\d{12}):role\/[\w+=,.@/-]{1,576}$/;

/** Undefined where the text is no ARN of a role. */
export function parseRole(text: string): Role | undefined {
  const [arn, partition, account] = ROLE_ARN.exec(text) ?? [];
  if (arn === undefined || partition === undefined || account === undefined) return undefined;
  return { arn, partition, account };
}

/** What is wrong with a role that a store or ServiceAccount of this partition names; undefined where nothing is. */
export function roleProblem(text: string, partition: string): string | undefined {
  const role = parseRole(text);
  if (role === undefined) return `must be the ARN of a role such as "arn:${partition}:iam::111122223333:role/payments"`;
  if (role.partition === partition) return undefined;
  return `must be a role of partition ${partition}, where the store's region lies, not of ${role.partition}`;
}
