/** How messages call whoever reads. */
export interface Reader {
  /** For the Pod's author: `ServiceAccount payments/api as client 7f3c…`. */
  readonly who: string;
  /** For whoever grants access, where it is known. */
  readonly clientId: string | undefined;
  readonly tenantId: string | undefined;
  /** What names the client id. */
  readonly source: string;
}

/** Who reads which vault: what messages name. Holds no secret. */
export interface Scene {
  /** `payments.vault.azure.net` */
  readonly host: string;
  readonly reader: Reader;
}

export type ObjectKind = 'secret' | 'key' | 'certificate';

/** A request to Key Vault. */
export type Step =
  | { readonly kind: ObjectKind; readonly name: string; readonly version: string | undefined }
  | { readonly kind: 'list' };

/** How Azure's command line calls a vault. */
export function vaultName({ host }: Pick<Scene, 'host'>): string {
  return host.split('.', 1)[0] ?? host;
}
