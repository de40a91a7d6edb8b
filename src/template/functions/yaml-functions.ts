import { readYaml, YamlError } from '../read-yaml.ts';
import { TemplateError } from '../template-error.ts';
import type { Evaluation, FunctionTable } from '../template-function.ts';
import { toYaml } from '../to-yaml.ts';
import { GoInt, GoList, GoMap, type GoValue } from '../value.ts';
import { spendBytes, textAt, valueAt } from './arguments.ts';
import { decodeRunes } from './runes.ts';

/** YAML as Kubernetes' Go has it: by way of JSON, and with the booleans of YAML 1.1. */
export const YAML_FUNCTIONS: FunctionTable = {
  /** Nothing for what cannot be written. */
  toYaml: { params: ['any'], call: (args, evaluation) => writeOrNothing(valueAt(args, 0), evaluation) },
  /** Mappings only; a mistake stands under the key `Error`. */
  fromYaml: {
    params: ['string'],
    call(args, evaluation) {
      const text = textAt(args, 0);
      spendBytes(evaluation, 4 * text.length);
      return readOrExplain(decodeRunes(text), evaluation);
    },
  },
};

function writeOrNothing(value: GoValue, evaluation: Evaluation): string {
  try {
    const text = toYaml(value, evaluation);
    spendBytes(evaluation, text.length);
    return text;
  } catch (error) {
    if (error instanceof TemplateError && /^(?:json|yaml):/.test(error.message)) return '';
    throw error;
  }
}

function readOrExplain(text: string, evaluation: Evaluation): GoMap {
  try {
    const value = readYaml(text, evaluation);
    if (value === null) return new GoMap();
    if (value instanceof GoMap) return value;
    const problem = `json: cannot unmarshal ${nameInJson(value)} into Go value of type map[string]interface {}`;
    return mistake(`error unmarshaling JSON: while decoding JSON: ${problem}`);
  } catch (error) {
    if (error instanceof YamlError) return mistake(`error converting YAML to JSON: ${error.message}`);
    throw error;
  }
}

function mistake(message: string): GoMap {
  return new GoMap([['Error', message]]);
}

function nameInJson(value: GoValue): string {
  if (value instanceof GoList) return 'array';
  if (typeof value === 'string') return 'string';
  return typeof value === 'number' || value instanceof GoInt ? 'number' : 'bool';
}
