import { didYouMean } from '../did-you-mean.ts';
import { isMapping } from '../fields.ts';

/** A mapping with these fields; a list of one shape; or `ANY`, which is not looked into. */
type Shape = typeof ANY | readonly [Shape] | { readonly [field: string]: Shape };

const ANY = 'any';

const STORE_REF: Shape = { name: ANY, kind: ANY };
const GENERATOR_REF: Shape = { apiVersion: ANY, kind: ANY, name: ANY };
const REMOTE_REF: Shape = {
  key: ANY,
  property: ANY,
  version: ANY,
  metadataPolicy: ANY,
  conversionStrategy: ANY,
  decodingStrategy: ANY,
  nullBytePolicy: ANY,
};
const TEMPLATE_OBJECT: Shape = { name: ANY, items: [{ key: ANY, templateAs: ANY }] };

const SPEC: Shape = {
  secretStoreRef: STORE_REF,
  refreshPolicy: ANY,
  refreshInterval: ANY,
  syncWindows: { kind: ANY, windows: [{ schedule: ANY, duration: ANY }] },
  target: {
    name: ANY,
    creationPolicy: ANY,
    deletionPolicy: ANY,
    immutable: ANY,
    manifest: ANY,
    template: {
      type: ANY,
      engineVersion: ANY,
      metadata: { labels: ANY, annotations: ANY, finalizers: ANY },
      mergePolicy: ANY,
      data: ANY,
      templateFrom: [
        {
          configMap: TEMPLATE_OBJECT,
          secret: TEMPLATE_OBJECT,
          literal: ANY,
          target: ANY,
          valuesDecodingStrategy: ANY,
        },
      ],
    },
  },
  data: [{ secretKey: ANY, remoteRef: REMOTE_REF, sourceRef: { storeRef: STORE_REF, generatorRef: GENERATOR_REF } }],
  dataFrom: [
    {
      extract: REMOTE_REF,
      find: {
        path: ANY,
        name: { regexp: ANY },
        tags: ANY,
        conversionStrategy: ANY,
        decodingStrategy: ANY,
        nullBytePolicy: ANY,
      },
      sourceRef: { storeRef: STORE_REF, generatorRef: GENERATOR_REF },
      rewrite: [
        {
          regexp: { source: ANY, target: ANY },
          transform: { template: ANY },
          merge: { into: ANY, priority: ANY, priorityPolicy: ANY, conflictPolicy: ANY, strategy: ANY },
        },
      ],
    },
  ],
};

const MAX_WARNINGS = 50; // nobody reads more, and a manifest may hold any number

/** One sentence for each field of the spec that no version of an ExternalSecret has, with its path. */
export function findUnknownFields(spec: unknown, path: string): readonly string[] {
  return look(spec, SPEC, path).slice(0, MAX_WARNINGS);
}

function look(value: unknown, shape: Shape, path: string): readonly string[] {
  if (shape === ANY) return [];
  if (isList(shape)) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    return items.flatMap((item, index) => look(item, shape[0], `${path}[${index}]`));
  }
  return Object.entries(isMapping(value) ? value : {}).flatMap(([name, field]) => {
    const known = Object.hasOwn(shape, name) ? shape[name] : undefined;
    return known === undefined ? [unknown(name, shape, path)] : look(field, known, `${path}.${name}`);
  });
}

function unknown(name: string, shape: Readonly<Record<string, Shape>>, path: string): string {
  const meant = didYouMean(name, Object.keys(shape));
  return `${path}.${name}: is no field that is known here${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}
