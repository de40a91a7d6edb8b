import { isMapping } from '../fields.ts';

/** What one manager owns of an object: an entry of `metadata.managedFields`. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  /** `fieldsV1`: `{ 'f:data': { 'f:password': {} } }`. */
  readonly fields: FieldTree;
  /** The entry as it stands there. */
  readonly entry: Readonly<Record<string, unknown>>;
}

type FieldTree = Readonly<Record<string, unknown>>;

export function readManagedFields({ managedFields }: { readonly managedFields?: unknown }): readonly ManagedFields[] {
  if (!Array.isArray(managedFields)) return [];
  return managedFields.filter(isMapping).map((entry) => {
    const { manager, operation, fieldsV1 } = entry;
    return {
      manager: typeof manager === 'string' ? manager : '',
      operation: typeof operation === 'string' ? operation : '',
      fields: isMapping(fieldsV1) ? fieldsV1 : {},
      entry,
    };
  });
}

/** The keys that the entry owns in a map at the top of the object, such as `data`. */
export function ownedKeys({ fields }: ManagedFields, map: string): readonly string[] {
  const tree = fields[`f:${map}`];
  if (!isMapping(tree)) return [];
  // "." is the map itself.
  return Object.keys(tree).flatMap((field) => (field.startsWith('f:') ? [field.slice(2)] : []));
}

/**
 * The list in which an applier has taken over what others own: whatever it does not name when it applies next goes. Without
 * that, fields of a former manager would stay for ever. `undefined` where there is nothing to take over.
 */
export function takenOver(
  all: readonly ManagedFields[],
  applier: string,
  isFormer: (entry: ManagedFields) => boolean,
): readonly object[] | undefined {
  const former = all.filter((entry) => isFormer(entry));
  if (former.length === 0) return undefined;
  const isOwn = ({ manager, operation }: ManagedFields): boolean => manager === applier && operation === 'Apply';
  const fieldsV1 = [...all.filter(isOwn), ...former].map(({ fields }) => fields).reduce(union);
  const own = { manager: applier, operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 };
  const rest = all.filter((entry) => !isOwn(entry) && !former.includes(entry));
  return [...rest.map(({ entry }) => entry), own];
}

function union(left: FieldTree, right: FieldTree): FieldTree {
  const result: Record<string, unknown> = { ...left };
  for (const [field, tree] of Object.entries(right)) {
    const before = result[field];
    result[field] = isMapping(before) && isMapping(tree) ? union(before, tree) : tree;
  }
  return result;
}
