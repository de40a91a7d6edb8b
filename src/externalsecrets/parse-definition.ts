import { LatchkeyError } from '../errors.ts';
import { describeUnread, type FieldProblem, Fields, isMapping } from '../fields.ts';
import type { Definition, DefinitionSpec } from './definition.ts';
import { parseSpec } from './parse-spec.ts';
import { parseStatus } from './parse-status.ts';

/** A spec with what is wrong and what is strange about it. */
export interface ParsedSpec {
  readonly spec: DefinitionSpec;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Both have one shape. */
const API_VERSIONS = ['external-secrets.io/v1', 'external-secrets.io/v1beta1'];
const MAX_UNREAD = 50; // nobody reads more warnings, and a manifest may hold any number

/**
 * Reads an ExternalSecret. What is wrong with its spec stands, all of it, in `problems`; unknown fields and those without
 * effect in `warnings`. Throws MANIFEST_INVALID for what is no ExternalSecret.
 */
export function parseDefinition(manifest: unknown): Definition {
  const { apiVersion, kind, metadata, spec, status } = isMapping(manifest) ? manifest : {};
  const { name, namespace = 'default', uid, generation, labels, annotations } = isMapping(metadata) ? metadata : {};
  if (kind !== 'ExternalSecret' || typeof name !== 'string' || name === '' || typeof namespace !== 'string') {
    throw new LatchkeyError('MANIFEST_INVALID', 'the manifest is no ExternalSecret with a name', {
      hint: 'Correct kind and metadata',
    });
  }
  if (typeof apiVersion !== 'string' || !API_VERSIONS.includes(apiVersion)) throw unknownVersion(name, apiVersion);
  return {
    apiVersion,
    namespace,
    name,
    // A file has neither uid nor generation, and never a second version of itself.
    uid: typeof uid === 'string' ? uid : `ExternalSecret/${namespace}/${name}`,
    generation: typeof generation === 'number' ? generation : 0,
    labels: textsOf(labels),
    annotations: textsOf(annotations),
    ...parseDefinitionSpec(spec, { name }),
    status: parseStatus(status),
    heldBy: heldBy(metadata),
  };
}

/**
 * Reads the spec alone: an ExternalSecret's, or the one that a ClusterExternalSecret stamps out. `name` is what the target
 * is called where the spec does not say; `path` is the beginning of every address.
 */
export function parseDefinitionSpec(
  value: unknown,
  { name, path = 'spec' }: { readonly name: string; readonly path?: string },
): ParsedSpec {
  const problems: FieldProblem[] = [];
  const warnings: FieldProblem[] = [];
  const fields = Fields.of(value, path, problems);
  const spec = parseSpec(fields, { name, warn: (warning) => warnings.push(warning) });
  return {
    spec,
    problems: problems.map(format),
    warnings: [...fields.unread().slice(0, MAX_UNREAD).map(describeUnread), ...warnings.map(format)],
  };
}

function unknownVersion(name: string, apiVersion: unknown): LatchkeyError {
  const isFirst = apiVersion === 'external-secrets.io/v1alpha1';
  return new LatchkeyError(
    'MANIFEST_INVALID',
    `ExternalSecret "${name}" has an apiVersion that Latchkey does not read`,
    {
      hint: isFirst
        ? `Write ${API_VERSIONS[0]}, and put what stands under dataFrom[] under dataFrom[].extract`
        : `Write ${API_VERSIONS.join(' or ')}`,
    },
  );
}

function format({ path, message }: FieldProblem): string {
  return `${path}: ${message}`;
}

/** The finalizers of one that is being deleted. */
export function heldBy(metadata: unknown): readonly string[] | undefined {
  const { deletionTimestamp, finalizers } = isMapping(metadata) ? metadata : {};
  if (typeof deletionTimestamp !== 'string') return undefined;
  return Array.isArray(finalizers) ? finalizers.filter((name) => typeof name === 'string') : [];
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(isMapping(value) ? value : {});
  return Object.fromEntries(entries.flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])));
}
