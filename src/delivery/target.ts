import type { ObjectMeta } from '../kube/kube-object.ts';
import type { ObjectReference } from '../planning/plan.ts';
import type { SecretValue } from '../secret-value.ts';

/** The Secret that an ExternalSecret makes, or merges into, as it should be. */
export interface Target extends TargetPlace {
  readonly metadata: TargetMetadata;
  /** Absent: as it is, and Opaque for a new one. A stored Secret's type never changes. */
  readonly type: string | undefined;
  readonly immutable: boolean;
  readonly data: ReadonlyMap<string, SecretValue>;
}

/** Which Secret, and what its ExternalSecret is to it. */
export interface TargetPlace {
  readonly namespace: string;
  readonly name: string;
  /** The ExternalSecret. */
  readonly maker: ObjectReference;
  /** `whole` (Owner, Orphan): all of its data. `part` (Merge, CreateOrMerge): the keys that it names; others are others'. */
  readonly extent: 'whole' | 'part';
  /** Owner: the Secret goes when the ExternalSecret goes. */
  readonly owned: boolean;
}

export interface TargetMetadata {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
}

/** What is known of a stored Secret without the right to read its data. */
export type StoredTarget = ObjectMeta;
