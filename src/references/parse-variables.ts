import { LatchkeyError } from '../errors.ts';
import { ENV, ENV_PREFIX } from './annotations.ts';
import { isVariableName } from './kubernetes-names.ts';
import { parseValue, type ReferencingValue } from './parse-template.ts';
import { parseYamlMap } from './parse-yaml-map.ts';
import { annotationAt, shorten, type Findings, type OwnAnnotations } from './read-own-annotations.ts';
import type { Template } from './reference.ts';

/** A variable that annotations ask for. */
export interface AnnotatedVariable {
  readonly name: string;
  readonly value: ReferencingValue;
  /** Its address, such as `annotation latchkey.dev/env.DB_PASSWORD on Deployment "api"`. */
  readonly where: string;
}

interface WrittenVariable {
  readonly name: string;
  readonly text: string;
  readonly where: string;
}

const MAX_VARIABLES = 500; // of one object

/** `latchkey.dev/env` and `latchkey.dev/env.NAME` of all objects, nearest first: the nearest that names a variable decides it. */
export function parseVariables(objects: readonly OwnAnnotations[], findings: Findings): readonly AnnotatedVariable[] {
  const variables: AnnotatedVariable[] = [];
  const decided = new Set<string>();

  for (const object of objects) {
    const written = readWritten(object, findings).filter(({ name }) => !decided.has(name));
    for (const variable of written) {
      // Also where it is broken: a mistake on the Pod must not bring back what the workload says.
      decided.add(variable.name);
      try {
        variables.push({ name: variable.name, value: parseVariable(variable), where: variable.where });
      } catch (error) {
        findings.problems.push(LatchkeyError.from(error).at(variable.where));
      }
    }
  }
  return variables;
}

function readWritten(object: OwnAnnotations, findings: Findings): readonly WrittenVariable[] {
  const written = new Map(readMap(object, findings).map((variable) => [variable.name, variable]));
  let count = 0;
  for (const [key, text] of object.texts) {
    if (!key.startsWith(ENV_PREFIX)) continue;
    count += 1;
    const name = key.slice(ENV_PREFIX.length);
    const where = annotationAt(key, object.where);
    if (count > MAX_VARIABLES) {
      findings.problems.push(invalid(`is one of more than ${MAX_VARIABLES} such annotations`, 'Remove some').at(where));
      break;
    }
    if (written.has(name)) {
      findings.problems.push(invalid(`adds a variable that ${ENV} adds too`, 'Keep one of them').at(where));
    } else {
      written.set(name, { name, text, where });
    }
  }
  return [...written.values()];
}

function readMap(object: OwnAnnotations, findings: Findings): readonly WrittenVariable[] {
  const text = object.texts.get(ENV);
  if (text === undefined) return [];
  const where = annotationAt(ENV, object.where);
  try {
    const { entries, problems } = parseYamlMap(text);
    findings.problems.push(...problems.map((problem) => problem.at(where)));
    return entries.map((entry) => {
      // What is no variable's name may be misplaced text, which messages never quote.
      const place = isVariableName(entry.name) ? `variable ${shorten(entry.name)}` : `entry ${entry.position}`;
      return { name: entry.name, text: entry.text, where: `${where}, ${place}` };
    });
  } catch (error) {
    findings.problems.push(LatchkeyError.from(error).at(where));
    return [];
  }
}

function parseVariable({ name, text }: WrittenVariable): ReferencingValue {
  if (!isVariableName(name)) {
    throw invalid(
      'has a name that no variable can have',
      'Use letters, digits, _, - and ., not beginning with a digit',
    );
  }
  const value = parseValue(text);
  if (value.kind !== 'plain' && holdsReference(value)) return value;
  throw invalid('holds no reference', "Write secretstore://STORE/KEY, or put plain text into the container's env");
}

function holdsReference(value: ReferencingValue): boolean {
  const templates = value.kind === 'secret' ? [value.template] : value.parts.map(templateOf);
  return templates.some((template) => template.some((part) => typeof part !== 'string'));
}

function templateOf(part: string | { readonly template: Template }): Template {
  return typeof part === 'string' ? [part] : part.template;
}

function invalid(message: string, hint: string): LatchkeyError {
  return new LatchkeyError('ANNOTATION_INVALID', message, { hint });
}
