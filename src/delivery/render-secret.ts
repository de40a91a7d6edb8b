import { LatchkeyError } from '../errors.ts';
import type { Call } from '../identity/store-identity.ts';
import type { PlannedKey, PlannedMap, PlannedSecret } from '../planning/plan.ts';
import { joinPlaces } from '../planning/problems.ts';
import { formatReference } from '../references/format-reference.ts';
import type { Reference } from '../references/reference.ts';
import type { Asker } from '../identity/store-identity-factory.ts';
import type { Resolver } from '../resolve/resolver.ts';
import { SecretValue } from '../secret-value.ts';
import type { Store, StoreIndex } from '../stores/store.ts';
import { checkSecretSize, checkVariable, notUtf8Warning } from './check-value.ts';
import { type CopyOptions, renderCopy } from './render-copy.ts';
import { isSecretKey, toSecretKey } from './secret-key.ts';

/** A planned Secret's values, or everything that kept them from being read. */
export interface RenderedSecret {
  readonly data: ReadonlyMap<string, SecretValue>;
  /** `undefined`: Opaque. */
  readonly type: string | undefined;
  readonly problems: readonly LatchkeyError[];
  readonly warnings: readonly string[];
}

type RenderedValues = Omit<RenderedSecret, 'type'>;

export interface RenderOptions extends CopyOptions {
  readonly resolver: Resolver;
  readonly stores: StoreIndex;
}

/** Resolves a planned Secret's references and puts its values together. Never throws: problems carry their places. */
export async function renderSecret(
  secret: PlannedSecret,
  asker: Asker,
  options: RenderOptions,
  call: Call,
): Promise<RenderedSecret> {
  const rendered = await renderContent(secret, asker, options, call);
  if (rendered.problems.length > 0) return rendered;
  const tooLarge = problemOf(() => checkSecretSize(rendered.data), '');
  return tooLarge === undefined ? rendered : { ...rendered, problems: [tooLarge] };
}

async function renderContent(
  { keys, map, definition }: PlannedSecret,
  asker: Asker,
  options: RenderOptions,
  call: Call,
): Promise<RenderedSecret> {
  if (definition !== undefined) return await renderCopy(definition, asker, options, call);
  const rendered =
    map === undefined ? await renderKeys(keys, asker, options, call) : await renderMap(map, asker, options, call);
  return { ...rendered, type: undefined };
}

async function renderKeys(
  keys: Readonly<Record<string, PlannedKey>>,
  asker: Asker,
  options: RenderOptions,
  call: Call,
): Promise<RenderedValues> {
  const valueOf = await resolveAll(Object.values(keys), asker, options, call);
  const data = new Map<string, SecretValue>();
  const problems: LatchkeyError[] = [];
  const warnings: string[] = [];
  for (const [key, planned] of Object.entries(keys)) {
    const where = joinPlaces(planned.places);
    const problem = problemOf(() => {
      const value = renderTemplate(planned, valueOf);
      if (value === undefined) return;
      checkVariable(key, value);
      data.set(key, value);
      const warning = notUtf8Warning(value);
      if (warning !== undefined) warnings.push(`${where || `key ${key}`}: ${warning}`);
    }, where);
    if (problem !== undefined) problems.push(problem);
  }
  return { data, problems, warnings };
}

/** Gives a reference's value, `undefined` for an optional one that is absent; throws what kept it from being read. */
type ValueOf = (reference: Reference) => SecretValue | undefined;

async function resolveAll(
  keys: readonly PlannedKey[],
  asker: Asker,
  options: RenderOptions,
  call: Call,
): Promise<ValueOf> {
  const references = new Map<string, Reference>();
  for (const part of keys.flatMap(({ template }) => template)) {
    if (typeof part !== 'string') references.set(formatReference(part), part);
  }
  const requests = [...references].flatMap(([text, reference]) => {
    const store = storeOf(reference, asker, options);
    return store === undefined ? [] : [{ text, reference, store }];
  });
  const outcomes = await options.resolver.resolve(requests, asker, call);
  const byText = new Map(requests.map(({ text }, index) => [text, outcomes[index]]));
  return (reference) => {
    const outcome = byText.get(formatReference(reference));
    if (outcome === undefined) throw storeGone();
    if (!outcome.ok) throw outcome.error;
    return outcome.value.absent ? undefined : outcome.value.value;
  };
}

function renderTemplate({ template }: PlannedKey, valueOf: ValueOf): SecretValue | undefined {
  const [only] = template;
  if (template.length === 1 && only !== undefined && typeof only !== 'string') return valueOf(only);
  const parts = template.map((part) =>
    typeof part === 'string' ? Buffer.from(part, 'utf8') : (valueOf(part)?.expose() ?? new Uint8Array()),
  );
  return new SecretValue(Buffer.concat(parts));
}

/** Every property as a key; two names that differ only in characters no key may hold are a refusal, not a lost value. */
async function renderMap(map: PlannedMap, asker: Asker, options: RenderOptions, call: Call): Promise<RenderedValues> {
  const where = joinPlaces(map.places);
  const store = storeOf(map.reference, asker, options);
  if (store === undefined) return { data: new Map(), problems: [atPlaces(storeGone(), where)], warnings: [] };
  const outcome = await options.resolver.resolveMap({ reference: map.reference, store }, asker, call);
  if (!outcome.ok) return { data: new Map(), problems: [atPlaces(outcome.error, where)], warnings: [] };

  const data = new Map<string, SecretValue>();
  const problems: LatchkeyError[] = [];
  for (const [property, value] of outcome.value) {
    const problem = problemOf(() => {
      const key = toSecretKey(property);
      if (!isSecretKey(key)) {
        throw new LatchkeyError('VALUE_INVALID', 'a property has a name that no key of a Secret can have', {
          hint: 'Shorten it or remove the dots it begins with, or name the variables one by one',
        });
      }
      if (data.has(key)) {
        throw new LatchkeyError('VALUE_INVALID', `two properties become the variable ${key}`, {
          hint: 'Rename one of them in the remote secret, or name the variables one by one',
        });
      }
      checkVariable(key, value);
      data.set(key, value);
    }, where);
    if (problem !== undefined) problems.push(problem);
  }
  return { data, problems, warnings: [] };
}

function storeOf({ store }: Reference, asker: Asker, { stores }: RenderOptions): Store | undefined {
  return store.kind === 'default' ? undefined : stores.get(store.kind, asker.namespace, store.name);
}

/** The plan saw the store an instant ago. */
function storeGone(): LatchkeyError {
  return new LatchkeyError('STORE_NOT_FOUND', 'the store was deleted a moment ago', {
    hint: 'Create it again, or correct the reference',
  });
}

function problemOf(work: () => void, where: string): LatchkeyError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return atPlaces(LatchkeyError.from(error), where);
  }
}

/** A Secret read back from a stored Pod knows no places. */
function atPlaces(problem: LatchkeyError, where: string): LatchkeyError {
  return where === '' ? problem : problem.at(where);
}
