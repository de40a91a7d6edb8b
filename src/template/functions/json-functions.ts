import { fromPlain } from '../from-plain.ts';
import { TemplateError } from '../template-error.ts';
import type { Evaluation, FunctionTable, TemplateFunction } from '../template-function.ts';
import { toJson, type ToJsonOptions } from '../to-json.ts';
import type { GoValue } from '../value.ts';
import { spendBytes, textAt, valueAt } from './arguments.ts';

/**
 * JSON in and out. Most without `must` hide their mistakes: nil for what cannot be read, nothing for what cannot be written.
 * `toRawJson` does not.
 */
export const JSON_FUNCTIONS: FunctionTable = {
  fromJson: {
    params: ['string'],
    call: (args, evaluation) => {
      try {
        return read(textAt(args, 0), evaluation);
      } catch (error) {
        if (error instanceof SyntaxError) return null;
        throw error;
      }
    },
  },
  mustFromJson: {
    params: ['string'],
    call: (args, evaluation) => {
      try {
        return read(textAt(args, 0), evaluation);
      } catch (error) {
        if (error instanceof SyntaxError) throw new TemplateError('invalid JSON');
        throw error;
      }
    },
  },
  toJson: silent(writer({ escapesHtml: true })),
  mustToJson: writer({ escapesHtml: true }),
  toPrettyJson: silent(writer({ escapesHtml: true, pretty: true })),
  mustToPrettyJson: writer({ escapesHtml: true, pretty: true }),
  toRawJson: writer({ escapesHtml: false }),
  mustToRawJson: writer({ escapesHtml: false }),
};

/** Its own SyntaxError never leaves here: it quotes the text. */
function read(text: string, evaluation: Evaluation): GoValue {
  spendBytes(evaluation, text.length);
  const value: unknown = JSON.parse(Buffer.from(text, 'latin1').toString('utf8'), refuseInfinity);
  return fromPlain(value, evaluation);
}

function writer(options: ToJsonOptions): TemplateFunction {
  return { params: ['any'], call: (args, evaluation) => toJson(valueAt(args, 0), evaluation, options) };
}

/** Go has no number for `1e999`. */
function refuseInfinity(_: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new SyntaxError('number out of range');
  return value;
}

function silent(loud: TemplateFunction): TemplateFunction {
  return {
    ...loud,
    call(args, evaluation) {
      try {
        return loud.call(args, evaluation);
      } catch (error) {
        if (error instanceof TemplateError && error.message.startsWith('json:')) return '';
        throw error;
      }
    },
  };
}
