import type { Reference, Template } from '../references/reference.ts';
import type { EnvEntry, EnvFromEdit, VariableEdit } from './env-patch.ts';
import type { Owner, PlannedKey, PlannedSecret } from './plan.ts';
import type { ContainerView } from './pod-view.ts';
import { secretKeys, secretName, type SecretScope } from './secret-name.ts';
import { type EnvFrom, helperName, type Variable } from './variable.ts';

export interface SecretsAndEdits {
  readonly secrets: readonly PlannedSecret[];
  readonly edits: readonly VariableEdit[];
  readonly envFromEdits: readonly EnvFromEdit[];
}

/** A variable or helper that takes one Secret key. */
interface Slot {
  readonly name: string;
  readonly template: Template;
  readonly where: string;
}

/** One Secret for all variables, and one for each JSON secret that is taken whole; and what the Pod says instead. */
export function planSecrets(
  variables: readonly Variable[],
  envFrom: readonly EnvFrom[],
  scope: SecretScope,
  owner: Owner,
): SecretsAndEdits {
  const taken = new Map<ContainerView, Set<string>>();
  const slots = variables.map((variable) => slotsOf(variable, taken));
  const keys = secretKeys(slots.flat());
  const secrets: PlannedSecret[] = [];
  let edits: readonly VariableEdit[] = [];

  if (variables.length > 0) {
    const planned = gatherKeys(slots.flat(), keys);
    const secret = {
      name: secretName(scope, { keys: planned }),
      owner,
      writer: 'webhook',
      recorded: false,
      keys: planned,
    } as const;
    secrets.push(secret);
    let next = 0;
    edits = variables.map((variable, index) => {
      const own = slots[index] ?? [];
      const ownKeys = keys.slice(next, (next += own.length));
      return { variable, entries: entriesOf(variable, own, ownKeys, secret.name) };
    });
  }

  const envFromEdits = envFrom.map((source) => {
    const map = { reference: source.reference, places: [source.where] };
    const name = secretName(scope, { keys: {}, map });
    const known = secrets.findIndex((secret) => secret.name === name);
    const places = [...(secrets[known]?.map?.places ?? []), source.where];
    const secret: PlannedSecret = {
      name,
      owner,
      writer: 'webhook',
      recorded: false,
      keys: {},
      map: { ...map, places },
    };
    if (known >= 0) secrets[known] = secret;
    else secrets.push(secret);
    return { envFrom: source, secretName: name, optional: source.reference.optional };
  });
  return { secrets, edits, envFromEdits };
}

/** `taken` gathers each container's names, so that no helper hides another or a variable that is there. */
function slotsOf(
  { container, name, content, where }: Variable,
  taken: Map<ContainerView, Set<string>>,
): readonly Slot[] {
  if (content.kind === 'secret') return [{ name, template: content.template, where }];
  const names = taken.get(container) ?? new Set(container.env?.map((entry) => entry.name));
  taken.set(container, names);
  let number = 0;
  return content.parts.flatMap((part) => {
    if (typeof part === 'string') return [];
    do number += 1;
    while (names.has(helperName(name, number)));
    const helper = helperName(name, number);
    names.add(helper);
    return [{ name: helper, template: neverAbsent(part.template), where }];
  });
}

/** To the kubelet `$(NAME)` of an unset variable is text, so an absent reference becomes the empty string beside one. */
function neverAbsent(template: Template): Template {
  return mayBeAbsent(template) ? ['', ...template] : template;
}

function gatherKeys(slots: readonly Slot[], keys: readonly string[]): Readonly<Record<string, PlannedKey>> {
  const gathered = new Map<string, { template: Template; places: string[] }>();
  for (const [index, { template, where }] of slots.entries()) {
    const key = keys[index] ?? '';
    const known = gathered.get(key);
    if (known === undefined) gathered.set(key, { template, places: [where] });
    else if (!known.places.includes(where)) known.places.push(where);
  }
  return Object.fromEntries(gathered);
}

function entriesOf(
  variable: Variable,
  slots: readonly Slot[],
  keys: readonly string[],
  secret: string,
): readonly EnvEntry[] {
  const references = slots.map(({ name, template }, index): EnvEntry => {
    const secretKeyRef = {
      name: secret,
      key: keys[index] ?? '',
      ...(mayBeAbsent(template) && { optional: true as const }),
    };
    return { name, valueFrom: { secretKeyRef } };
  });
  if (variable.content.kind === 'secret') return references;
  let used = 0;
  const value = variable.content.parts
    .map((part) => (typeof part === 'string' ? part : `$(${slots[used++]?.name ?? ''})`))
    .join('');
  return [...references, { name: variable.name, value }];
}

/** Inside a longer value an absent reference is the empty string, so the key is always there. */
function mayBeAbsent(template: Template): boolean {
  const [only] = template as readonly (string | Reference | undefined)[];
  return template.length === 1 && typeof only === 'object' && only.optional && only.default === undefined;
}
