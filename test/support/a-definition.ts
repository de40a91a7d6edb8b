import type { Definition, DefinitionStatus } from '../../src/externalsecrets/definition.ts';
import { parseDefinition } from '../../src/externalsecrets/parse-definition.ts';

export interface ReadDefinitionSettings extends Partial<Omit<Definition, 'spec' | 'status'>> {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Partial<DefinitionStatus>;
}

/** ExternalSecret `payments/db` in generation 1, read from a manifest with that spec; never synced, unless told. */
export function aReadDefinition(settings: ReadDefinitionSettings = {}): Definition {
  const { spec, status, ...facts } = settings;
  const metadata = { namespace: 'payments', name: 'db', uid: 'uid-of-db', generation: 1 };
  const body = { secretStoreRef: { name: 'aws-prod' }, data: [{ secretKey: 'a', remoteRef: { key: 'db' } }], ...spec };
  const read = parseDefinition({ apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata, spec: body });
  return { ...read, ...facts, status: { ...read.status, ...status } };
}
