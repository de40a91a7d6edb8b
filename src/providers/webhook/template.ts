import { LatchkeyError } from '../../errors.ts';
import { toGoJson } from '../json.ts';
import { queryEscape } from './escape.ts';

/** What an expression may name: text, a part of the reference, or a key of one of the store's `secrets`. */
export type Operand =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reference'; readonly field: ReferenceField }
  | { readonly kind: 'secret'; readonly secret: string; readonly key: string };

export type ReferenceField = 'key' | 'property' | 'version';

export interface Expression {
  /** One after the other, as `print` has them. */
  readonly operands: readonly Operand[];
  readonly functions: readonly ((text: string) => string)[];
}

/** Text with expressions in it: the plain part of Go's templates. */
export type Template = readonly (string | Expression)[];

const ACTION = /\{\{(-\s)?((?:"(?:[^"\\]|\\.)*"|`[^`]*`|(?!\}\}).)*?)(\s-)?\}\}/gs;
const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|((?:\.[A-Za-z_]\w*)+)|(\||[A-Za-z_]\w*|\S))/y;
const REFERENCE_FIELDS: readonly string[] = ['key', 'property', 'version'] satisfies readonly ReferenceField[];

/** Those of External Secrets' functions that need no argument but the text. */
const FUNCTIONS: ReadonlyMap<string, (text: string) => string> = new Map([
  ['toString', (text: string) => text],
  ['trim', (text: string) => text.trim()],
  ['b64enc', (text: string) => Buffer.from(text, 'utf8').toString('base64')],
  ['toJson', toGoJson],
  ['urlquery', queryEscape],
]);

/** Throws STORE_INVALID, whose message is about the expression alone. */
export function parseTemplate(text: string, secrets: ReadonlySet<string>): Template {
  const parts: (string | Expression)[] = [];
  let end = 0;
  let trimsNext = false;
  for (const action of text.matchAll(ACTION)) {
    const [whole, trimsBefore, inside = '', trimsAfter] = action;
    parts.push(literal(text.slice(end, action.index), trimsNext, trimsBefore !== undefined));
    parts.push(parseExpression(inside.trim(), secrets));
    end = action.index + whole.length;
    trimsNext = trimsAfter !== undefined;
  }
  parts.push(literal(text.slice(end), trimsNext, false));
  return parts.filter((part) => part !== '');
}

export function expressionsOf(template: Template): readonly Expression[] {
  return template.filter((part) => typeof part !== 'string');
}

export function operandsOf(template: Template): readonly Operand[] {
  return expressionsOf(template).flatMap(({ operands }) => operands);
}

export function render(template: Template, valueOf: (operand: Operand) => string): string {
  return template
    .map((part) => {
      if (typeof part === 'string') return part;
      return part.functions.reduce((text, apply) => apply(text), part.operands.map(valueOf).join(''));
    })
    .join('');
}

function literal(text: string, trimsStart: boolean, trimsEnd: boolean): string {
  if (text.includes('{{')) throw invalid('has {{ without }}');
  const started = trimsStart ? text.trimStart() : text;
  return trimsEnd ? started.trimEnd() : started;
}

function parseExpression(source: string, secrets: ReadonlySet<string>): Expression {
  const [command = [], ...pipes] = split(tokens(source));
  const [name, ...rest] = command;
  const operands = (name === 'print' ? rest : command).map((token) => parseOperand(token, source, secrets));
  if (operands.length === 0 || (name !== 'print' && operands.length > 1)) throw notSupported(source);
  const functions = pipes.map(([pipe = '', ...more]) => {
    const apply = FUNCTIONS.get(pipe);
    if (apply === undefined || more.length > 0) throw notSupported(source);
    return apply;
  });
  return { operands, functions };
}

function tokens(source: string): readonly string[] {
  return [...source.matchAll(new RegExp(TOKEN, 'gy'))].map(([, quoted, path, other]) => quoted ?? path ?? other ?? '');
}

function split(all: readonly string[]): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  for (const token of all) {
    if (token === '|') commands.push([]);
    else commands.at(-1)?.push(token);
  }
  return commands;
}

function parseOperand(token: string, source: string, secrets: ReadonlySet<string>): Operand {
  if (token.startsWith('`')) return { kind: 'text', text: token.slice(1, -1) };
  if (token.startsWith('"')) return { kind: 'text', text: unquote(token, source) };
  const [empty, scope = '', key = '', ...more] = token.split('.');
  if (empty !== '' || key === '' || more.length > 0) throw notSupported(source);
  if (scope !== 'remoteRef') {
    if (!secrets.has(scope)) throw invalid(`has {{ ${source} }}, but secrets has no entry named "${scope}"`);
    return { kind: 'secret', secret: scope, key };
  }
  if (!isReferenceField(key)) {
    throw invalid(`has {{ ${source} }}, but a reference has ${REFERENCE_FIELDS.join(', ')} only`);
  }
  return { kind: 'reference', field: key };
}

/** JSON knows the escapes of Go's strings that people use. */
function unquote(token: string, source: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    throw notSupported(source);
  }
}

function isReferenceField(name: string): name is ReferenceField {
  return REFERENCE_FIELDS.includes(name);
}

function notSupported(source: string): LatchkeyError {
  const names = [...FUNCTIONS.keys()].join(', ');
  return invalid(
    `has {{ ${source} }}, which is not supported yet: write {{ .remoteRef.key }}, {{ .NAME.KEY }} of secrets or {{ print … }}, and after | one of ${names}`,
  );
}

function invalid(message: string): LatchkeyError {
  return new LatchkeyError('STORE_INVALID', message, { hint: 'Correct the template' });
}
