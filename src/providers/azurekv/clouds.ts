import type { Fields } from '../../fields.ts';
import { endpointProblem } from '../endpoints.ts';
import type { ProviderLimits } from '../provider.ts';

/** One of Microsoft's clouds, as one store reaches it. */
export interface Cloud {
  /** What Microsoft Entra is called there. */
  readonly authority: string;
  /** Where Entra is asked: the same, or where the operator moved it. */
  readonly authorityUrl: string;
  /** What tokens are for, and nothing else: every vault of the cloud, and no other service. */
  readonly resource: string;
  /** Vaults of the cloud stand below it. */
  readonly vaultSuffix: string;
}

interface KnownCloud {
  readonly authority: string;
  readonly vaultSuffix: string;
}

const CLOUDS = {
  PublicCloud: { authority: 'https://login.microsoftonline.com', vaultSuffix: 'vault.azure.net' },
  USGovernmentCloud: { authority: 'https://login.microsoftonline.us', vaultSuffix: 'vault.usgovcloudapi.net' },
  ChinaCloud: { authority: 'https://login.chinacloudapi.cn', vaultSuffix: 'vault.azure.cn' },
  GermanCloud: { authority: 'https://login.microsoftonline.de', vaultSuffix: 'vault.microsoftazure.de' },
} as const satisfies Record<string, KnownCloud>;

const NAMES = ['PublicCloud', 'USGovernmentCloud', 'ChinaCloud', 'GermanCloud', 'AzureStackCloud'] as const;
const SUFFIX = { pattern: /^\.?[a-z0-9-]+(\.[a-z0-9-]+)+$/i, example: 'vault.azurestack.example.com' } as const;

/** Reads `environmentType` and `customCloudConfig`, and checks that tokens may go where they would. */
export function readCloud(
  block: Fields,
  { vaultHost, asksEntra }: { readonly vaultHost: string; readonly asksEntra: boolean },
  limits: ProviderLimits,
): Cloud {
  const name = block.oneOf('environmentType', NAMES, 'PublicCloud');
  const known: KnownCloud | undefined = name === 'AzureStackCloud' ? undefined : CLOUDS[name];
  const custom = readCustomCloud(block, known);
  const { authority, vaultSuffix, resource } = custom ?? ownResource(known);
  const moved = limits.endpointUrls?.['authority'];
  const authorityUrl = (moved ?? authority).replace(/\/+$/, '');

  // A store must not choose who gets a token: what it names itself must be in the operator's list.
  const own = known === undefined ? [] : [`*.${known.vaultSuffix}`, hostOf(known.authority)];
  const allowed =
    limits.endpoints.length > 0 ? limits.endpoints : [...own, ...(moved === undefined ? [] : [hostOf(moved)])];
  const checked = [
    ['vaultUrl', vaultHost],
    [custom === undefined ? 'environmentType' : 'customCloudConfig', asksEntra ? hostOf(authorityUrl) : ''],
    // Nor what a token opens.
    ['customCloudConfig', resource === ownResource(known).resource ? '' : hostOf(resource)],
  ] as const;
  for (const [field, host] of checked) {
    const problem = host === '' ? undefined : hostProblem(host, allowed);
    if (problem !== undefined) block.problem(field, problem);
  }
  return { authority, authorityUrl, resource, vaultSuffix };
}

/** How Entra is asked for a token of the cloud's vaults. */
export function scopeOf({ resource }: Cloud): string {
  return `${resource}/.default`;
}

/** Whether a host is one of the cloud's own vaults. */
export function isOwnVault(host: string, { vaultSuffix }: Cloud): boolean {
  return host.endsWith(`.${vaultSuffix}`);
}

function readCustomCloud(
  block: Fields,
  known: KnownCloud | undefined,
): (KnownCloud & { readonly resource: string }) | undefined {
  const fields = block.object('customCloudConfig');
  if (fields === undefined) {
    if (known === undefined) block.problem('customCloudConfig', 'is required with environmentType: AzureStackCloud');
    return undefined;
  }
  const authority = readHttpsUrl(fields, 'activeDirectoryEndpoint', 'https://login.azurestack.example.com');
  const suffix = fields.optionalText('keyVaultDNSSuffix', SUFFIX)?.replace(/^\./, '') ?? known?.vaultSuffix;
  const resource = fields.has('keyVaultEndpoint')
    ? readHttpsUrl(fields, 'keyVaultEndpoint', 'https://vault.azurestack.example.com')
    : `https://${suffix ?? ''}`;
  if (suffix === undefined && !fields.has('keyVaultEndpoint')) {
    fields.problem('keyVaultDNSSuffix', 'is required, here or by keyVaultEndpoint: it says what tokens must be for');
  }
  fields.optionalText('resourceManagerEndpoint'); // stores carry it; nothing here asks the resource manager
  return { authority, vaultSuffix: suffix ?? hostOf(resource), resource };
}

function ownResource(
  known: KnownCloud = { authority: '', vaultSuffix: '' },
): KnownCloud & { readonly resource: string } {
  return { ...known, resource: `https://${known.vaultSuffix}` };
}

function readHttpsUrl(fields: Fields, name: string, example: string): string {
  const text = fields.text(name, { example });
  const url = URL.parse(text);
  if (text !== '' && (url?.protocol !== 'https:' || url.username !== '' || url.search !== '' || url.hash !== '')) {
    fields.problem(name, `must be an https URL such as "${example}"`);
    return '';
  }
  return text.replace(/\/+$/, '');
}

function hostProblem(host: string, allowed: readonly string[]): string | undefined {
  // An empty list means "any" to what checks it, and here nothing.
  if (allowed.length > 0) return endpointProblem('azurekv', host, allowed);
  return `the host "${host}" is not in the operator's list identity.endpoints.azurekv, which is empty`;
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? '';
}
