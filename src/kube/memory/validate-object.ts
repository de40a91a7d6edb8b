import { isDeepStrictEqual } from 'node:util';
import { isMapping } from '../../fields.ts';
import type { Json } from './field-path.ts';
import { badRequest, invalid } from './refusals.ts';
import type { ServedResource } from './resource-table.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-.\w]{0,61}[A-Za-z0-9])?)?$/;
const QUALIFIED_NAME = /^([-a-z0-9.]{1,253}\/)?[A-Za-z0-9]([-.\w]{0,61}[A-Za-z0-9])?$/;
const DATA_KEY = /^[-.\w]{1,253}$/;
const BASE64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[-+]\d\d:\d\d)$/;
const MAX_DATA_BYTES = 1024 * 1024;

/** Fills in what the API server fills in, before an object is compared and stored. */
export function normalize(resource: ServedResource, object: Json): Json {
  if (resource.group !== '' || resource.kind !== 'Secret') return object;
  const { stringData, ...secret } = object;
  if (stringData === undefined) return { type: 'Opaque', ...secret };
  if (!isStrings(stringData)) throw badRequest('Secret.stringData must be a mapping of strings');
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')]);
  const data: Json = isMapping(secret['data']) ? secret['data'] : {};
  return { type: 'Opaque', ...secret, data: { ...data, ...Object.fromEntries(encoded) } };
}

/** Refuses what the API server refuses about metadata, Secrets and Leases. Other kinds have no schema here. */
export function validate(resource: ServedResource, object: Json, before: Json | undefined): void {
  validateMetadata(object['metadata']);
  if (resource.group === '' && resource.kind === 'Secret') validateSecret(object, before);
  if (resource.kind === 'Lease') validateLease(object['spec']);
}

function validateMetadata(metadata: unknown): void {
  if (!isMapping(metadata)) throw badRequest('metadata must be a mapping');
  const { name, labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  // RBAC names may hold colons, but nothing here serves them.
  if (typeof name !== 'string' || name.length > 253 || !SUBDOMAIN.test(name)) {
    throw invalid('metadata.name', 'must be a lowercase RFC 1123 subdomain');
  }
  if (!isStrings(labels) || !isStrings(annotations))
    throw badRequest('labels and annotations must be mappings of strings');
  for (const key of [...Object.keys(labels), ...Object.keys(annotations)]) {
    if (!QUALIFIED_NAME.test(key)) throw invalid('metadata', `"${key}" is no qualified name`);
  }
  for (const [key, value] of Object.entries(labels)) {
    if (!LABEL_VALUE.test(value)) throw invalid(`metadata.labels.${key}`, 'must be a label value');
  }
  if (!Array.isArray(ownerReferences)) throw badRequest('metadata.ownerReferences must be a list');
  for (const owner of ownerReferences as readonly unknown[]) {
    const isWhole = isMapping(owner) && ['apiVersion', 'kind', 'name', 'uid'].every((field) => isText(owner[field]));
    if (!isWhole) throw invalid('metadata.ownerReferences', 'need apiVersion, kind, name and uid');
  }
}

function validateSecret(secret: Json, before: Json | undefined): void {
  const data = secret['data'] ?? {};
  if (!isStrings(data) || !Object.values(data).every((value) => BASE64.test(value))) {
    throw badRequest('Secret.data must be a mapping of base64 texts');
  }
  if (!Object.keys(data).every((key) => DATA_KEY.test(key)))
    throw invalid('data', 'keys have letters, digits, "-", "_" or "."');
  const bytes = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0);
  if (bytes > MAX_DATA_BYTES) throw invalid('data', 'Too long: may not be more than 1048576 bytes');
  if (before === undefined) return;
  if (before['type'] !== secret['type']) throw invalid('type', 'field is immutable');
  const isSealed = before['immutable'] === true;
  if (isSealed && (secret['immutable'] !== true || !isDeepStrictEqual(before['data'], secret['data']))) {
    throw invalid('data', 'field is immutable when `immutable` is set');
  }
}

function validateLease(spec: unknown): void {
  if (spec === undefined) return;
  if (!isMapping(spec)) throw badRequest('Lease.spec must be a mapping');
  for (const field of ['acquireTime', 'renewTime']) {
    const time = spec[field];
    if (time !== undefined && !(typeof time === 'string' && MICRO_TIME.test(time))) {
      throw badRequest(`Lease.spec.${field} must be a time with six digits after the point`);
    }
  }
  const seconds = spec['leaseDurationSeconds'];
  if (seconds !== undefined && !(Number.isInteger(seconds) && Number(seconds) > 0)) {
    throw invalid('spec.leaseDurationSeconds', 'must be greater than 0');
  }
}

function isStrings(value: unknown): value is Readonly<Record<string, string>> {
  return isMapping(value) && Object.values(value).every((item) => typeof item === 'string');
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
