import type { Fields } from '../../fields.ts';
import type { ProviderLimits } from '../provider.ts';
import { type AuthSettings, readAuth } from './auth-settings.ts';
import { readEndpoints, type Endpoints } from './endpoint-settings.ts';
import { type Partition, partitionOf } from './partitions.ts';
import { readRoles, type RoleStep } from './role-settings.ts';

export type Service = 'SecretsManager' | 'ParameterStore';

/** A store's `spec.provider.aws`, read and checked. */
export interface AwsSettings {
  readonly service: Service;
  readonly region: string;
  readonly partition: Partition;
  readonly endpoints: Endpoints;
  /** Stands in front of every key, as it is. */
  readonly prefix: string;
  readonly auth: AuthSettings;
  /** Assumed one after the other. */
  readonly roles: readonly RoleStep[];
}

const SERVICES: readonly Service[] = ['SecretsManager', 'ParameterStore'];
const NO_PARTITION: Partition = { name: 'aws', domain: 'amazonaws.com' };

export function readSettings(block: Fields, limits: ProviderLimits): AwsSettings {
  const service = readService(block);
  const region = block.text('region', { example: 'eu-central-1' });
  const partition = partitionOf(region);
  if (region !== '' && partition === undefined) block.problem('region', 'must be a region such as "eu-central-1"');

  const auth = readAuth(block, limits);
  const roles = readRoles(block, partition);
  // They concern how a secret is deleted, and Latchkey never writes.
  const secretsManager = block.object('secretsManager');
  secretsManager?.boolean('forceDeleteWithoutRecovery', false);
  secretsManager?.integer('recoveryWindowInDays', { min: 7, max: 30 });

  const usesSts = auth.method !== 'accessKey' || roles.length > 0;
  const place = { service, region, partition: partition ?? NO_PARTITION };
  return {
    ...place,
    // A region that is none has no hosts to look at.
    endpoints: readEndpoints(partition === undefined ? undefined : block, { ...place, usesSts }, limits),
    prefix: block.optionalText('prefix', { example: 'payments/' }) ?? '',
    auth,
    roles,
  };
}

function readService(block: Fields): Service {
  if (!block.has('service')) block.problem('service', `is required: ${SERVICES.join(' or ')}`);
  if (block.raw('service') === 'CertificateManager') {
    block.problem('service', `CertificateManager is not supported yet; use ${SERVICES.join(' or ')}`);
    return 'SecretsManager';
  }
  return block.oneOf('service', SERVICES, 'SecretsManager');
}
