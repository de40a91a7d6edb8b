import { parseDocument } from 'yaml';
import { isMapping } from '../../fields.ts';
import { fromPlain } from '../from-plain.ts';
import { TemplateError } from '../template-error.ts';
import type { Evaluation, FunctionTable } from '../template-function.ts';
import { toJson } from '../to-json.ts';
import { toYaml } from '../to-yaml.ts';
import { GoMap, type GoValue } from '../value.ts';
import { spendBytes, textAt, valueAt } from './arguments.ts';

const MAX_ALIASES = 100;
/** A date stays the text that it is. */
const TIMESTAMP = 'tag:yaml.org,2002:timestamp';

/** YAML as Kubernetes' Go has it: by way of JSON, and with the booleans of YAML 1.1. */
export const YAML_FUNCTIONS: FunctionTable = {
  /** Nothing for what cannot be written. */
  toYaml: { params: ['any'], call: (args, evaluation) => writeYaml(valueAt(args, 0), evaluation) },
  /** Mappings only; a mistake stands under the key `Error`. */
  fromYaml: {
    params: ['string'],
    call: (args, evaluation) => {
      const text = textAt(args, 0);
      spendBytes(evaluation, 4 * text.length);
      const value = readYaml(Buffer.from(text, 'latin1').toString('utf8'));
      if (value === undefined)
        return new GoMap([['Error', 'error converting YAML to JSON: the text is no YAML mapping']]);
      const read = fromPlain(value, evaluation);
      return read instanceof GoMap ? read : new GoMap();
    },
  },
};

function readYaml(text: string): unknown {
  const document = parseDocument(text, {
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    logLevel: 'silent',
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.tag !== TIMESTAMP),
  });
  if (document.errors.length > 0) return undefined;
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return value === null || isMapping(value) ? (value ?? {}) : undefined;
  } catch {
    // Too many aliases, or one of nothing.
    return undefined;
  }
}

function writeYaml(value: GoValue, evaluation: Evaluation): string {
  const json = jsonOf(value, evaluation);
  if (json === undefined) return '';
  const text = toYaml(JSON.parse(Buffer.from(json, 'latin1').toString('utf8')));
  spendBytes(evaluation, text.length);
  return Buffer.from(text, 'utf8').toString('latin1');
}

function jsonOf(value: GoValue, evaluation: Evaluation): string | undefined {
  try {
    return toJson(value, evaluation, { escapesHtml: true });
  } catch (error) {
    if (error instanceof TemplateError && error.message.startsWith('json:')) return undefined;
    throw error;
  }
}
