import { isMapping } from '../fields.ts';
import { parseReference } from '../references/parse-reference.ts';
import type { Reference, Template } from '../references/reference.ts';
import { formatReference } from '../references/format-reference.ts';
import type { PlannedDefinition, PlannedKey, PlannedSecret } from './plan.ts';
import { templateParts } from './secret-name.ts';

/** A Secret as the Pod's plan annotation describes it. A request, not a fact: anybody may write that annotation. */
export interface RecordedSecret {
  readonly name: string;
  readonly owner: 'lease' | 'object';
  readonly keys: Readonly<Record<string, PlannedKey>>;
  readonly map?: { readonly reference: Reference; readonly places: readonly string[] };
  readonly definition?: Pick<PlannedDefinition, 'externalSecret' | 'digest'>;
}

/** Names, keys and references, never values: what a reinvocation and the controller go on from. */
export function formatPlan(secrets: readonly PlannedSecret[]): string {
  return JSON.stringify({
    v: 1,
    secrets: secrets.map((secret) => ({ name: secret.name, owner: secret.owner.kind, ...formatContent(secret) })),
  });
}

function formatContent({ keys, map, definition }: PlannedSecret): object {
  if (definition !== undefined) return { definition: definition.externalSecret, digest: definition.digest };
  if (map !== undefined) return { map: formatReference(map.reference) };
  return {
    keys: Object.fromEntries(Object.entries(keys).map(([key, { template }]) => [key, formatTemplate(template)])),
  };
}

/** Reads `latchkey.dev/plan`; anything that we would not have written reads as no plan. */
export function parsePlan(text: unknown): readonly RecordedSecret[] {
  if (typeof text !== 'string') return [];
  try {
    const plan: unknown = JSON.parse(text);
    if (!isMapping(plan) || plan['v'] !== 1 || !Array.isArray(plan['secrets'])) return [];
    return plan['secrets'].map(parseSecret);
  } catch {
    // Written by hand or cut off: as if it were not there.
    return [];
  }
}

function parseSecret(raw: unknown): RecordedSecret {
  if (!isMapping(raw) || typeof raw['name'] !== 'string') throw new TypeError('no planned Secret');
  const { name, owner: ownerKind, keys, map, definition: externalSecret, digest } = raw;
  const owner = ownerKind === 'lease' ? 'lease' : 'object';
  if (typeof map === 'string') return { name, owner, keys: {}, map: { reference: parseReference(map), places: [] } };
  if (typeof externalSecret === 'string' && typeof digest === 'string') {
    return { name, owner, keys: {}, definition: { externalSecret, digest } };
  }
  if (!isMapping(keys)) throw new TypeError('no keys');
  return {
    name,
    owner,
    keys: Object.fromEntries(
      Object.entries(keys).map(([key, value]) => [key, { template: parseTemplate(value), places: [] }]),
    ),
  };
}

function formatTemplate(template: Template): unknown {
  const parts = templateParts(template);
  return parts.length === 1 && typeof parts[0] === 'string' ? parts[0] : parts;
}

function parseTemplate(raw: unknown): Template {
  const parts: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
  return parts.map((part) => {
    if (typeof part === 'string') return parseReference(part);
    if (isMapping(part) && typeof part['text'] === 'string') return part['text'];
    throw new TypeError('no template');
  });
}
