import { LatchkeyError } from '../errors.ts';
import type { Definition } from '../externalsecrets/definition.ts';
import type { Produce } from '../externalsecrets/produced.ts';
import type { Asker } from '../identity/store-identity-factory.ts';
import type { Call } from '../identity/store-identity.ts';
import { definitionChanged } from '../planning/check-definition.ts';
import type { DefinitionIndex } from '../planning/definition.ts';
import type { CopiedVariable, PlannedDefinition } from '../planning/plan.ts';
import { joinPlaces } from '../planning/problems.ts';
import { isVariableName } from '../references/kubernetes-names.ts';
import type { SecretValue } from '../secret-value.ts';
import { checkVariable, notUtf8Warning } from './check-value.ts';
import type { RenderedSecret } from './render-secret.ts';
import { isSecretKey, toSecretKey } from './secret-key.ts';

/** ExternalSecrets, what planning knows of them and in full. */
export interface DefinitionSource extends Pick<DefinitionIndex, 'get'> {
  definition(namespace: string, name: string): Definition | undefined;
}

export interface CopyOptions {
  readonly definitions: DefinitionSource;
  readonly produce: Produce;
}

const NO_DATA: ReadonlyMap<string, SecretValue> = new Map();
const MOST_NAMES = 10;

/** What an ExternalSecret comes to for this asker, as the content of a Secret of its own. Never throws: problems carry their places. */
export async function renderCopy(
  planned: PlannedDefinition,
  asker: Asker,
  options: CopyOptions,
  call: Call,
): Promise<RenderedSecret> {
  const { externalSecret, places } = planned;
  const at = (thrown: unknown) => {
    const problem = LatchkeyError.from(thrown).at(`ExternalSecret "${externalSecret}"`);
    return places.length === 0 ? problem : problem.at(joinPlaces(places));
  };
  try {
    const produced = await options.produce(requireDefinition(planned, asker, options), asker, call);
    if (produced.isEmpty && !planned.optional) throw nothingFound();
    checkKeys(produced.data);
    const { problems, warnings } = checkVariables(planned.variables, produced.data);
    return { data: produced.data, type: produced.type, problems: problems.map(at), warnings };
  } catch (error) {
    return { data: NO_DATA, type: undefined, problems: [at(error)], warnings: [] };
  }
}

/** The name of the Secret promises the content of one definition: a later one is another Secret's. */
function requireDefinition(
  { externalSecret, digest }: PlannedDefinition,
  { namespace }: Asker,
  { definitions }: CopyOptions,
): Definition {
  const definition = definitions.definition(namespace, externalSecret);
  if (definition === undefined || definitions.get(namespace, externalSecret)?.digest !== digest) {
    throw definitionChanged();
  }
  return definition;
}

function checkKeys(data: ReadonlyMap<string, SecretValue>): void {
  for (const key of data.keys()) {
    if (isSecretKey(key) && toSecretKey(key) === key) continue;
    throw new LatchkeyError('EXTERNAL_SECRET_INVALID', 'it makes a key that no Secret can have', {
      hint: 'Rewrite the key to letters, digits, -, _ and .',
    });
  }
}

/** Only what becomes a variable has to fit one: a keystore that is mounted may hold any bytes. */
function checkVariables(variables: readonly CopiedVariable[], data: ReadonlyMap<string, SecretValue>) {
  const problems: LatchkeyError[] = [];
  const warnings: string[] = [];
  const wanted = new Map(variables.map((variable) => [`${variable.key ?? ''}/${variable.optional}`, variable]));
  for (const { key, optional, where } of wanted.values()) {
    const names = key === undefined ? [...data.keys()].filter(isVariableName) : [key];
    for (const name of names) {
      const value = data.get(name);
      if (value === undefined) {
        if (!optional) problems.push(keyMissing(name, [...data.keys()]));
        continue;
      }
      try {
        checkVariable(name, value);
        const warning = notUtf8Warning(value);
        if (warning !== undefined) warnings.push(`${where}: key ${name}: ${warning}`);
      } catch (error) {
        problems.push(LatchkeyError.from(error));
      }
    }
  }
  return { problems, warnings };
}

function keyMissing(key: string, keys: readonly string[]): LatchkeyError {
  const shown = keys.slice(0, MOST_NAMES).toSorted().join(', ');
  const all = keys.length > MOST_NAMES ? `${shown}, …` : shown;
  return new LatchkeyError('EXTERNAL_SECRET_INVALID', `it makes no key "${key}"; it makes ${keys.length}: ${all}`, {
    hint: 'Correct the key in the Pod, or add it to the ExternalSecret',
  });
}

function nothingFound(): LatchkeyError {
  return new LatchkeyError('SECRET_NOT_FOUND', 'none of its remote secrets exists', {
    hint: 'Create them, or make the places in the Pod optional',
  });
}
