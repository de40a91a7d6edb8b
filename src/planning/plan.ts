import type { LatchkeyError } from '../errors.ts';
import type { Reference, Template } from '../references/reference.ts';
import type { JsonPatchOperation } from './json-patch.ts';

/** What will be written, how the Pod changes, and what is wrong: all that is known without I/O. */
export interface Plan {
  readonly secrets: readonly PlannedSecret[];
  readonly patch: readonly JsonPatchOperation[];
  /** ExternalSecrets whose Secret the Pod uses as it is: each has to be synced before the Pod starts. */
  readonly awaits: readonly AwaitedDefinition[];
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
  /** The Pod's own copy of what an ExternalSecret makes. Mutually exclusive with `keys` and `map`. */
  readonly definition?: PlannedDefinition;
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

export interface PlannedDefinition {
  /** The ExternalSecret, in the Pod's namespace. */
  readonly externalSecret: string;
  /** Of its content when this was planned: once it has another, this copy is not to be filled any more. */
  readonly digest: string;
  readonly places: readonly string[];
  /** No place needs the Secret to hold anything. */
  readonly optional: boolean;
  /** The keys that become variables of the Pod; empty when read back from a stored Pod. */
  readonly variables: readonly CopiedVariable[];
}

export interface CopiedVariable {
  /** `undefined`: every key (envFrom). */
  readonly key: string | undefined;
  readonly optional: boolean;
  readonly where: string;
}

export interface AwaitedDefinition {
  readonly externalSecret: string;
  /** The Secret that it makes. */
  readonly target: string;
  readonly places: readonly string[];
  /** No place needs the Secret to be there. */
  readonly optional: boolean;
  /** What will keep it from being synced; of no account once it is. */
  readonly problems: readonly LatchkeyError[];
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
