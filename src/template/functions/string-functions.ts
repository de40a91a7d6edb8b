import { formatValue } from '../format-value.ts';
import { quoteBytes } from '../go-quoted.ts';
import type { FunctionTable, TemplateFunction } from '../template-function.ts';
import type { GoValue } from '../value.ts';
import { integerAt, spendBytes, textAt } from './arguments.ts';
import { strval } from './cast.ts';
import { repeatBytes, replaceBytes } from './repeat-bytes.ts';
import { wrapText } from './wrap-text.ts';

/** Sprig's functions of strings that neither cut nor change letters. */
export const STRING_FUNCTIONS: FunctionTable = {
  hello: { params: [], call: () => 'Hello!' },
  contains: asking((part, text) => text.includes(part)),
  hasPrefix: asking((part, text) => text.startsWith(part)),
  hasSuffix: asking((part, text) => text.endsWith(part)),
  quote: joining((value) => quoteBytes(strval(value))),
  squote: joining((value) => `'${formatValue(value)}'`),
  cat: joining(formatValue),
  repeat: {
    params: ['int', 'string'],
    call: (args, evaluation) => repeatBytes(textAt(args, 1), integerAt(args, 0), evaluation),
  },
  replace: {
    params: ['string', 'string', 'string'],
    call: (args, evaluation) => replaceBytes(textAt(args, 2), textAt(args, 0), textAt(args, 1), evaluation),
  },
  plural: {
    params: ['string', 'string', 'int'],
    call: (args) => textAt(args, integerAt(args, 2) === 1 ? 0 : 1),
  },
  indent: indenting(''),
  nindent: indenting('\n'),
  wrap: {
    params: ['int', 'string'],
    call(args, evaluation) {
      const options = { width: integerAt(args, 0), newline: '\n', cutsWords: false };
      return wrapText(textAt(args, 1), options, evaluation);
    },
  },
  wrapWith: {
    params: ['int', 'string', 'string'],
    call(args, evaluation) {
      const options = { width: integerAt(args, 0), newline: textAt(args, 1), cutsWords: true };
      return wrapText(textAt(args, 2), options, evaluation);
    },
  },
};

function asking(ask: (part: string, text: string) => boolean): TemplateFunction {
  return {
    params: ['string', 'string'],
    call(args, evaluation) {
      spendBytes(evaluation, textAt(args, 1).length);
      return ask(textAt(args, 0), textAt(args, 1));
    },
  };
}

/** The texts of all values but nil, with spaces between. */
function joining(print: (value: GoValue) => string): TemplateFunction {
  return {
    params: [],
    variadic: 'any',
    call(args, evaluation) {
      const sizes = args.map((value) => (typeof value === 'string' ? value.length : 1));
      evaluation.spend(sizes.reduce((total, size) => total + size, 0)); // quotes go rune by rune
      const texts = args.filter((value) => value !== null).map(print);
      spendBytes(
        evaluation,
        texts.reduce((total, text) => total + text.length, 0),
      );
      return texts.join(' ');
    },
  };
}

function indenting(before: string): TemplateFunction {
  return {
    params: ['int', 'string'],
    call(args, evaluation) {
      const pad = repeatBytes(' ', integerAt(args, 0), evaluation);
      return before + pad + replaceBytes(textAt(args, 1), '\n', `\n${pad}`, evaluation);
    },
  };
}
