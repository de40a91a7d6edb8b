import { isUtf8 } from 'node:buffer';
import { formatTime } from './functions/format-time.ts';
import { timeOf } from './functions/time-value.ts';
import { runes } from './go-quoted.ts';
import { TemplateError } from './template-error.ts';
import type { Evaluation } from './template-function.ts';
import { typeName } from './type-name.ts';
import { GoInt, GoList, GoMap, type GoStruct, type GoValue } from './value.ts';

export interface ToJsonOptions {
  /** `<`, `>` and `&` as escapes, which is what Go does where nothing else is said. */
  readonly escapesHtml: boolean;
  /** Two spaces a level. */
  readonly pretty?: boolean;
}

const MAX_DEPTH = 500;
const RFC3339 = '2006-01-02T15:04:05.999999999Z07:00';

/** Go's encoding/json: keys sorted by their bytes. Throws TemplateError for what JSON cannot say. */
export function toJson(value: GoValue, evaluation: Pick<Evaluation, 'spend'>, options: ToJsonOptions): string {
  return write(value, '');

  function write(item: GoValue, indent: string): string {
    evaluation.spend(1);
    if (indent.length > 2 * MAX_DEPTH) throw new TemplateError('the value is nested too deeply for JSON');
    if (item === null) return 'null';
    if (typeof item === 'boolean') return String(item);
    if (typeof item === 'number') return writeNumber(item);
    if (typeof item === 'string') return writeText(item);
    if (item instanceof GoInt) return String(item.value);
    if (item instanceof GoList) return writeList(item, indent);
    if (item instanceof GoMap) return writeMembers([...item.entries].toSorted(byBytes), indent);
    return writeStruct(item, indent);
  }

  function writeNumber(number: number): string {
    if (!Number.isFinite(number)) throw new TemplateError('json: unsupported value');
    return Object.is(number, -0) ? '-0' : String(number);
  }

  function writeText(bytes: string): string {
    evaluation.spend(bytes.length / 16);
    const isText = isUtf8(Buffer.from(bytes, 'latin1'));
    const text = isText
      ? bytes
      : Array.from(runes(bytes), ({ code, bytes: raw }) => (code === undefined ? NO_RUNE : raw)).join('');
    return `"${text.replaceAll(SPECIAL, escape)}"`;
  }

  function escape(raw: string): string {
    const short = SHORT[raw];
    if (short !== undefined) return short;
    if (!options.escapesHtml && (raw === '<' || raw === '>' || raw === '&')) return raw;
    return `\\u${raw.charCodeAt(0).toString(16).padStart(4, '0')}`;
  }

  function writeList({ elem, items, isNil }: GoList, indent: string): string {
    if (elem === 'uint8') {
      const bytes = items.map((item) => Number(item instanceof GoInt ? item.value : 0));
      return `"${Buffer.from(bytes).toString('base64')}"`;
    }
    if (items.length === 0) return isNil ? 'null' : '[]';
    return wrap(
      '[',
      items.map((item) => write(item, `${indent}  `)),
      ']',
      indent,
    );
  }

  function writeMembers(entries: readonly (readonly [string, GoValue])[], indent: string): string {
    if (entries.length === 0) return '{}';
    const colon = options.pretty === true ? ': ' : ':';
    return wrap(
      '{',
      entries.map(([key, item]) => `${writeText(key)}${colon}${write(item, `${indent}  `)}`),
      '}',
      indent,
    );
  }

  function writeStruct(struct: GoStruct, indent: string): string {
    if (struct.fields.size > 0) return writeMembers([...struct.fields], indent);
    const time = timeOf(struct);
    const text = time === undefined ? struct.text : formatTime(time, RFC3339);
    if (text === undefined) throw new TemplateError(`json: unsupported type: ${typeName(struct)}`);
    return writeText(text);
  }

  function wrap(open: string, parts: readonly string[], close: string, indent: string): string {
    if (options.pretty !== true) return `${open}${parts.join(',')}${close}`;
    return `${open}\n${parts.map((part) => `${indent}  ${part}`).join(',\n')}\n${indent}${close}`;
  }
}

/** What has to be escaped: among it all below the space, and the two line separators of Unicode. */
const SPECIAL = /["\\<>&]|[^ -\xff]|\xe2\x80[\xa8\xa9]/g;
/** Stands for a byte that is no UTF-8; in a byte string there is no such character. */
const NO_RUNE = '\ufffd';

const SHORT: Readonly<Record<string, string>> = {
  '\xe2\x80\xa8': '\\u2028',
  '\xe2\x80\xa9': '\\u2029',
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function byBytes([a]: readonly [string, GoValue], [b]: readonly [string, GoValue]): number {
  return a < b ? -1 : 1;
}
