import type { Config } from '../config.ts';
import { parseDefinitionSpec } from '../externalsecrets/parse-definition.ts';
import type { TemplateChecker } from '../externalsecrets/template-engine.ts';
import { classOfDefinition } from '../stores/definition-class.ts';
import { type NamedStore, namedStores } from '../stores/named-stores.ts';
import type { NamespaceIndex } from '../stores/namespace-index.ts';
import type { StoreIndex } from '../stores/store.ts';
import { TemplateError } from '../template/template-error.ts';
import { type Findings, NOTHING_OF_OURS } from './findings.ts';
import { findTemplates, type TemplateText } from './find-templates.ts';
import type { Manifest } from './validation-request.ts';

export interface CheckDefinitionOptions {
  readonly config: Pick<Config, 'externalSecrets' | 'stores'>;
  readonly stores: Pick<StoreIndex, 'get'>;
  readonly namespaces: Pick<NamespaceIndex, 'get' | 'isOptedIn'>;
  /** Asked for with the first template. */
  readonly loadChecker: () => Promise<TemplateChecker>;
}

export async function checkExternalSecret(manifest: Manifest, options: CheckDefinitionOptions): Promise<Findings> {
  const { namespace, name, spec } = manifest;
  const named = namedStores(spec);
  const whose = classOfDefinition(named, namespace, options.stores, options.config.stores);
  if (whose === 'foreign') return NOTHING_OF_OURS;
  const { problems, warnings } = await checkSpec(spec, { name, path: 'spec' }, options);
  const aboutStores = named.flatMap((store) => warnAboutStore(store, namespace, options));
  return {
    class: whose,
    problems,
    warnings: [...warnings, ...aboutStores, ...warnAboutNamespace(namespace, options), ...warnIfOff(options)],
  };
}

/** The spec of an ExternalSecret, wherever it stands, by itself. */
export async function checkSpec(
  spec: unknown,
  place: { readonly name: string; readonly path: string },
  { loadChecker }: Pick<CheckDefinitionOptions, 'loadChecker'>,
): Promise<Pick<Findings, 'problems' | 'warnings'>> {
  const { problems, warnings } = parseDefinitionSpec(spec, place);
  const templates = findTemplates(spec, place.path);
  const checker = templates.length === 0 ? undefined : await loadChecker();
  const broken = checker === undefined ? [] : templates.flatMap((template) => problemOf(template, checker));
  return { problems: [...problems, ...broken], warnings };
}

function problemOf({ path, text }: TemplateText, checker: TemplateChecker): readonly string[] {
  try {
    checker.check(text);
    return [];
  } catch (error) {
    if (error instanceof TemplateError) return [`${path}: ${error.message}`];
    throw error;
  }
}

/** No mistake of the definition: what is applied together comes in any order, and a store may change. */
function warnAboutStore(
  { kind, name }: NamedStore,
  namespace: string,
  options: CheckDefinitionOptions,
): readonly string[] {
  const store = options.stores.get(kind, namespace, name);
  if (store === undefined) {
    const place = kind === 'SecretStore' ? ` in namespace ${namespace}` : '';
    return [`${kind} "${name}" does not exist${place}; nothing is synced until it does`];
  }
  const facts = options.namespaces.get(namespace);
  const isOpen = facts === undefined || store.allowsNamespace(facts);
  return isOpen ? [] : [`${kind} "${name}" is not open to namespace ${namespace} (spec.conditions)`];
}

export function warnIfOff({ config }: Pick<CheckDefinitionOptions, 'config'>): readonly string[] {
  return config.externalSecrets.enabled
    ? []
    : ['Latchkey syncs no ExternalSecrets here: externalSecrets.enabled is false'];
}

function warnAboutNamespace(name: string, { config, namespaces }: CheckDefinitionOptions): readonly string[] {
  const where = config.externalSecrets.namespaces;
  const facts = namespaces.get(name);
  if (where === 'all' || facts === undefined || namespaces.isOptedIn(facts)) return [];
  return [`namespace ${name} has not opted in, so nothing is synced: label it latchkey.dev/inject=enabled`];
}
