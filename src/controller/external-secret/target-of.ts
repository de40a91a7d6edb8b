import type { Target, TargetPlace } from '../../delivery/target.ts';
import { createdBy } from '../../externalsecrets/created-by.ts';
import { dataHash } from '../../externalsecrets/data-hash.ts';
import type { Definition } from '../../externalsecrets/definition.ts';
import type { Produced } from '../../externalsecrets/produced.ts';

const CREATED_BY = 'reconcile.external-secrets.io/created-by';
const DATA_HASH = 'reconcile.external-secrets.io/data-hash';

/** The Secret that a definition is about, named by its own target or by an earlier one. */
export function placeOf(definition: Definition, name = definition.spec.target.name): TargetPlace {
  const { apiVersion, namespace, uid, spec } = definition;
  const { creationPolicy } = spec.target;
  return {
    namespace,
    name,
    maker: { apiVersion, kind: 'ExternalSecret', name: definition.name, uid },
    extent: creationPolicy === 'Owner' || creationPolicy === 'Orphan' ? 'whole' : 'part',
    owned: creationPolicy === 'Owner',
  };
}

/** What was read becomes a Secret with External Secrets' marks on it, so that it can be handed back. */
export function targetOf(definition: Definition, produced: Produced): Target {
  const place = placeOf(definition);
  const { data, type, labels, annotations, finalizers } = produced;
  return {
    ...place,
    metadata: {
      labels: { ...labels, ...(place.owned && { [CREATED_BY]: createdBy(definition.namespace, definition.name) }) },
      // Theirs is the hash of the whole Secret, of which a part is not ours to see.
      annotations: { ...annotations, ...(place.extent === 'whole' && { [DATA_HASH]: dataHash(data) }) },
      finalizers,
    },
    type,
    immutable: definition.spec.target.immutable,
    data,
  };
}
