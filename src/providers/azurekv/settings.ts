import type { Fields } from '../../fields.ts';
import type { ProviderLimits } from '../provider.ts';
import { type AuthSettings, readAuth } from './auth-settings.ts';
import { type Cloud, readCloud } from './clouds.ts';
import { isTenant } from './principal.ts';

/** A store's `spec.provider.azurekv`, read and checked. */
export interface AzurekvSettings {
  /** Without a slash at its end. */
  readonly vaultUrl: string;
  /** Without a port, for messages. */
  readonly host: string;
  readonly tenantId: string | undefined;
  readonly cloud: Cloud;
  readonly auth: AuthSettings;
}

export function readSettings(block: Fields, limits: ProviderLimits): AzurekvSettings {
  const vault = readVaultUrl(block);
  const tenantId = readTenant(block);
  const auth = readAuth(block, limits);
  if (
    auth.method === 'servicePrincipal' &&
    tenantId === undefined &&
    auth.tenantId === undefined &&
    !block.has('tenantId')
  ) {
    block.problem('tenantId', 'is required with authType: ServicePrincipal');
  }
  block.boolean('useAzureSDK', false); // chooses between two clients of External Secrets'; there is one here
  return {
    vaultUrl: vault?.origin ?? '',
    host: vault?.hostname ?? '',
    tenantId,
    cloud: readCloud(block, { vaultHost: vault?.hostname ?? '', asksEntra: auth.method !== 'managedIdentity' }, limits),
    auth,
  };
}

function readVaultUrl(block: Fields): URL | undefined {
  const text = block.text('vaultUrl', { example: 'https://payments.vault.azure.net' });
  if (text === '') return undefined;
  const url = URL.parse(text);
  const isAddress =
    url?.protocol === 'https:' && [url.username, url.password, url.search, url.hash].every((part) => part === '');
  if (url !== null && isAddress && /^\/*$/.test(url.pathname)) return url;
  block.problem('vaultUrl', 'must be an https URL such as "https://payments.vault.azure.net", without path or user');
  return undefined;
}

function readTenant(block: Fields): string | undefined {
  const tenantId = block.optionalText('tenantId');
  if (tenantId === undefined || isTenant(tenantId)) return tenantId;
  block.problem('tenantId', 'must be the id of a tenant such as "5b9c0f6e-0d0c-4f3a-8f69-0c5c2f8b7a10", or its domain');
  return undefined;
}
