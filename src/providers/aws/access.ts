import type { Call } from '../provider.ts';
import { fromAws } from './errors.ts';
import type { Session } from './login.ts';
import type { RequestHandler } from './pool.ts';
import type { AccessStep, Scene } from './scene.ts';
import type { AwsSettings } from './settings.ts';
import type { Quota, TokenBuckets } from './token-bucket.ts';

/** What the clients of both services are made of. */
export interface Access {
  readonly settings: AwsSettings;
  readonly session: Session;
  readonly scene: Scene;
  readonly requestHandler: RequestHandler;
  readonly buckets: TokenBuckets;
}

/** Sends one request in its turn, and tells its failure in our words. */
export async function ask<T>(
  { session, scene, buckets }: Access,
  { step, quota, call, send }: { step: AccessStep; quota: Quota; call: Call; send: () => Promise<T> },
): Promise<T> {
  const account = session.principal.role?.account ?? session.credentials.accessKeyId;
  await buckets.take(`${account} in ${scene.region}`, quota, call);
  try {
    return await send();
  } catch (error) {
    throw fromAws(error, step, scene, call.signal);
  }
}

/** The ARN that a policy names for a remote secret; a key may be one already. */
export function resourceArn(
  key: string,
  { settings, session }: Pick<Access, 'settings'> & { readonly session: Pick<Session, 'principal'> },
  resource: 'secretsmanager' | 'ssm',
): string {
  if (key.startsWith('arn:')) return key;
  const { partition, region } = settings;
  const account = session.principal.role?.account ?? 'ACCOUNT';
  // Secrets Manager adds six characters to each name; a parameter's path keeps one slash only.
  const name = resource === 'ssm' ? `parameter/${key.replace(/^\//, '')}` : `secret:${key}-??????`;
  return `arn:${partition.name}:${resource}:${region}:${account}:${name}`;
}
