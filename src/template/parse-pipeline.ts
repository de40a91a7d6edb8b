import { unquote } from './go-quote.ts';
import { quoteText } from './go-quoted.ts';
import type { CommandNode, Operand, PipeNode, VariableNode } from './node.ts';
import { parseNumber } from './parse-number.ts';
import { printNode } from './print-node.ts';
import { TemplateError } from './template-error.ts';
import type { Token, TokenType } from './token.ts';
import type { TokenSource } from './token-source.ts';

/** What parsing knows of its surroundings. */
export interface ParseScope {
  readonly tokens: TokenSource;
  readonly hasFunction: (name: string) => boolean;
  /** Variables that are declared here, outermost first; `$` is the first. */
  readonly variables: string[];
  /** Parentheses and actions that are open; bounded, because parsing is recursive. */
  depth: number;
}

const MAX_DEPTH = 250;
/** Declared at a time: they are looked for one after the other. */
const MAX_VARIABLES = 1000;
const OPERANDS: ReadonlySet<TokenType> = new Set<TokenType>([
  'bool',
  'charConstant',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
]);

export function parsePipeline(scope: ParseScope, context: string, end: TokenType): PipeNode {
  const { tokens } = scope;
  const { at } = tokens.peekNonSpace();
  enter(scope);
  const { variables, isAssignment } = parseDeclaration(scope, context);
  const commands: CommandNode[] = [];
  for (;;) {
    const token = tokens.nextNonSpace();
    if (token.type === end) break;
    if (!OPERANDS.has(token.type)) tokens.unexpected(token, context);
    tokens.backup();
    commands.push(parseCommand(scope));
  }
  scope.depth -= 1;
  checkCommands(tokens, commands, context);
  return { kind: 'pipe', at, variables, isAssignment, commands };
}

export function enter(scope: ParseScope): void {
  scope.depth += 1;
  if (scope.depth > MAX_DEPTH) scope.tokens.fail(`more than ${MAX_DEPTH} levels inside each other`);
}

function parseDeclaration(scope: ParseScope, context: string): Pick<PipeNode, 'variables' | 'isAssignment'> {
  const { tokens } = scope;
  const variables: VariableNode[] = [];
  for (;;) {
    const variable = tokens.peekNonSpace();
    if (variable.type !== 'variable') return { variables, isAssignment: false };
    tokens.next();
    // Space is a token, so it takes three of them to know.
    const after = tokens.peek();
    const next = tokens.peekNonSpace();
    if (next.type === 'assign' || next.type === 'declare') {
      tokens.nextNonSpace();
      declare(variable);
      return { variables, isAssignment: next.type === 'assign' };
    }
    if (next.type === 'char' && next.text === ',') {
      tokens.nextNonSpace();
      declare(variable);
      if (context !== 'range' || variables.length >= 2) tokens.fail(`too many declarations in ${context}`);
      if (!['variable', 'rightDelim', 'rightParen'].includes(tokens.peekNonSpace().type)) {
        tokens.fail('range can only initialize variables');
      }
      continue;
    }
    if (after.type === 'space') tokens.backup3(variable, after);
    else tokens.backup2(variable);
    return { variables, isAssignment: false };
  }

  function declare({ at, text }: Token): void {
    variables.push({ kind: 'variable', at, names: [text] });
    scope.variables.push(text);
    if (scope.variables.length > MAX_VARIABLES) tokens.fail(`more than ${MAX_VARIABLES} variables`);
  }
}

function checkCommands(tokens: TokenSource, commands: readonly CommandNode[], context: string): void {
  if (commands.length === 0) tokens.fail(`missing value for ${context}`);
  for (const [index, { operands }] of commands.entries()) {
    const kind = operands[0]?.kind ?? 'nil';
    if (index > 0 && ['bool', 'dot', 'nil', 'number', 'string'].includes(kind)) {
      tokens.fail(`non executable command in pipeline stage ${index + 1}`);
    }
  }
}

function parseCommand(scope: ParseScope): CommandNode {
  const { tokens } = scope;
  const { at } = tokens.peekNonSpace();
  const operands: Operand[] = [];
  for (;;) {
    tokens.peekNonSpace();
    const operand = parseOperand(scope);
    if (operand !== undefined) operands.push(operand);
    const token = tokens.next();
    if (token.type === 'space') continue;
    if (token.type === 'rightDelim' || token.type === 'rightParen') tokens.backup();
    else if (token.type !== 'pipe') tokens.unexpected(token, 'operand');
    break;
  }
  if (operands.length === 0) tokens.fail('empty command');
  return { kind: 'command', at, operands };
}

function parseOperand(scope: ParseScope): Operand | undefined {
  const { tokens } = scope;
  const term = parseTerm(scope);
  if (term === undefined || tokens.peek().type !== 'field') return term;
  const { at } = tokens.peek();
  const names: string[] = [];
  while (tokens.peek().type === 'field') names.push(tokens.next().text.slice(1));
  switch (term.kind) {
    case 'field':
    case 'variable':
      return { ...term, at, names: [...term.names, ...names] };
    case 'bool':
    case 'string':
    case 'number':
    case 'nil':
    case 'dot':
      return tokens.fail(`unexpected . after term ${quoteText(printNode(term))}`);
    case 'chain':
    case 'identifier':
    case 'pipe':
      return { kind: 'chain', at, base: term, names };
  }
}

function parseTerm(scope: ParseScope): Operand | undefined {
  const { tokens } = scope;
  const token = tokens.nextNonSpace();
  const { type, at, text } = token;
  if (type === 'identifier') {
    if (!scope.hasFunction(text)) tokens.fail(`function ${quoteText(text)} not defined`);
    return { kind: 'identifier', at, name: text };
  }
  if (type === 'variable') {
    if (!scope.variables.includes(text)) tokens.fail(`undefined variable ${quoteText(text)}`);
    return { kind: 'variable', at, names: [text] };
  }
  if (type === 'dot' || type === 'nil') return { kind: type, at };
  if (type === 'field') return { kind: 'field', at, names: [text.slice(1)] };
  if (type === 'bool') return { kind: 'bool', at, value: text === 'true' };
  if (type === 'number' || type === 'charConstant') return located(tokens, () => parseNumber(text, at));
  if (type === 'leftParen') return parsePipeline(scope, 'parenthesized pipeline', 'rightParen');
  if (type === 'string' || type === 'rawString') {
    return { kind: 'string', at, quoted: text, value: unquoteOrFail(tokens, text) };
  }
  tokens.backup();
  return undefined;
}

export function unquoteOrFail(tokens: TokenSource, quoted: string): string {
  return unquote(quoted) ?? tokens.fail('invalid syntax');
}

function located<T>(tokens: TokenSource, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TemplateError) return tokens.fail(error.message);
    throw error;
  }
}
