import { isDeepStrictEqual } from 'node:util';
import { isMapping } from '../../fields.ts';
import { type FieldPath, getAt, type Json, type Leaf, leavesOf, printPath, setAt } from './field-path.ts';
import { KubeError } from '../client.ts';

/** Who owns which fields: `manager Apply` and `manager Update` are different owners, as in managedFields. */
export type FieldOwners = ReadonlyMap<string, FieldSet>;
/** Paths by their id. */
type FieldSet = ReadonlyMap<string, FieldPath>;

export interface Owned {
  readonly object: Json;
  readonly owners: FieldOwners;
}

export interface ApplyRequest {
  readonly manager: string;
  readonly force: boolean;
  readonly isBuiltIn: boolean;
  /** The part of the object that this request may write. */
  readonly within: (path: FieldPath) => boolean;
}

/** Set by the system, owned by nobody. */
const SYSTEM_FIELDS = [
  'name',
  'namespace',
  'generateName',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
  'selfLink',
];

/** Server-side apply of `applied` onto an object, which may be empty. */
export function applyFields(live: Owned, applied: Json, request: ApplyRequest): Owned {
  const me = `${request.manager} Apply`;
  const wanted = ownable(applied, request.isBuiltIn, request.within);
  const disputed = [...wanted].filter(([id, leaf]) => isDisputed(id, leaf));
  if (disputed.length > 0 && !request.force) {
    const fields = disputed.map(([, leaf]) => printPath(leaf.path));
    throw new KubeError(409, 'Conflict', `apply failed with ${fields.length} conflict(s): ${fields.join(', ')}`);
  }

  const owners = new Map(live.owners);
  let object = live.object;
  const before = [...(owners.get(me) ?? [])];
  const outside = before.filter(([, path]) => !request.within(path));
  owners.set(me, new Map([...outside, ...[...wanted].map(([id, leaf]) => [id, leaf.path] as const)]));
  for (const [id, path] of before) {
    if (ownersOf(owners, id).length === 0) object = asJson(setAt(object, path, undefined));
  }
  for (const [id, leaf] of wanted) {
    if (isDeepStrictEqual(getAt(object, leaf.path), leaf.value)) continue;
    object = asJson(setAt(object, leaf.path, leaf.value));
    for (const owner of ownersOf(owners, id)) if (owner !== me) disown(owners, owner, id);
  }
  // Kubernetes' own kinds leave empty mappings out; in custom resources they stand, though there is nothing to own.
  return { object: request.isBuiltIn ? object : withEmptyMaps(object, applied, request.within), owners };

  function isDisputed(id: string, leaf: Leaf): boolean {
    if (isDeepStrictEqual(getAt(live.object, leaf.path), leaf.value)) return false;
    return ownersOf(live.owners, id).some((owner) => owner !== me);
  }
}

/** Who owns what after any other write: the writer owns all that it changed, alone. */
export function updateOwners(before: Owned, after: Json, manager: string, isBuiltIn: boolean): FieldOwners {
  const me = `${manager} Update`;
  const owners = new Map(before.owners);
  const [old, now] = [ownable(before.object, isBuiltIn), ownable(after, isBuiltIn)];
  for (const id of old.keys()) {
    if (!now.has(id)) for (const owner of ownersOf(owners, id)) disown(owners, owner, id);
  }
  for (const [id, leaf] of now) {
    const earlier = old.get(id);
    if (earlier !== undefined && isDeepStrictEqual(earlier.value, leaf.value)) continue;
    for (const owner of ownersOf(owners, id)) disown(owners, owner, id);
    owners.set(me, new Map([...(owners.get(me) ?? []), [id, leaf.path]]));
  }
  return owners;
}

function ownable(
  object: Json,
  isBuiltIn: boolean,
  within: (path: FieldPath) => boolean = () => true,
): Map<string, Leaf> {
  const leaves = [...leavesOf(object, isBuiltIn)];
  return new Map(leaves.filter(([, { path }]) => !isSystemField(path) && within(path)));
}

function isSystemField([first, second]: FieldPath): boolean {
  if (first === 'apiVersion' || first === 'kind') return true;
  return first === 'metadata' && typeof second === 'string' && SYSTEM_FIELDS.includes(second);
}

function ownersOf(owners: FieldOwners, id: string): readonly string[] {
  return [...owners].filter(([, ids]) => ids.has(id)).map(([owner]) => owner);
}

function disown(owners: Map<string, FieldSet>, owner: string, id: string): void {
  owners.set(owner, new Map([...(owners.get(owner) ?? [])].filter(([other]) => other !== id)));
}

function withEmptyMaps(object: Json, applied: Json, within: (path: FieldPath) => boolean): Json {
  return Object.entries(applied)
    .filter(([key, value]) => within([key]) && isMapping(value) && object[key] === undefined)
    .reduce<Json>((result, [key]) => ({ ...result, [key]: {} }), object);
}

function asJson(value: unknown): Json {
  return isMapping(value) ? value : {};
}
