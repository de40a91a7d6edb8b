import type { LatchkeyError } from '../errors.ts';
import type { Reference, Template } from '../references/reference.ts';
import type { JsonPatchOperation } from './json-patch.ts';

/** What will be written, how the Pod changes, and what is wrong: all that is known without I/O. */
export interface Plan {
  readonly secrets: readonly PlannedSecret[];
  readonly patch: readonly JsonPatchOperation[];
  readonly problems: readonly LatchkeyError[];
  readonly warnings: readonly string[];
}

export interface PlannedSecret {
  readonly name: string;
  readonly owner: Owner;
  readonly writer: 'webhook' | 'controller';
  /** Named by the Pod's own plan: an earlier round of this admission, or the stored Pod, asked for it. */
  readonly recorded: boolean;
  readonly keys: Readonly<Record<string, PlannedKey>>;
  /** `env-from`: every property of a JSON secret becomes a key. Mutually exclusive with `keys`. */
  readonly map?: PlannedMap;
}

export interface PlannedKey {
  readonly template: Template;
  /** Where the Pod asks for it, such as `container "api", env DB_PASSWORD`; empty when read back from a stored Pod. */
  readonly places: readonly string[];
}

export interface PlannedMap {
  readonly reference: Reference;
  readonly places: readonly string[];
}

/**
 * Who a Secret is linked to. `object`: a revision above the Pod (ReplicaSet, Job, ControllerRevision), or a stored Pod itself.
 * `lease`: a Lease of the Secret's name, until the controller adds the stored Pod.
 */
export type Owner = { readonly kind: 'object'; readonly object: ObjectReference } | { readonly kind: 'lease' };

export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}
