import { quoteBytes } from './go-quoted.ts';
import { Lexer } from './lexer.ts';
import type { BranchNode, Position, Statement } from './node.ts';
import { enter, type ParseScope, parsePipeline, unquoteOrFail } from './parse-pipeline.ts';
import { TemplateError } from './template-error.ts';
import type { Token } from './token.ts';
import { TokenSource } from './token-source.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** A template and all that it defines, by name. Names are keys of a Map: no name is special. */
export interface ParsedTemplate {
  readonly name: string;
  /** As it was written, for the line and column of a message. */
  readonly text: string;
  readonly templates: ReadonlyMap<string, readonly Statement[]>;
}

export interface ParseTemplateOptions {
  readonly hasFunction: (name: string) => boolean;
}

/** A Secret or ConfigMap holds no more. */
const MAX_TEXT_LENGTH = 1024 * 1024;

/** What closes a list. */
type End = { readonly kind: 'end' | 'else'; readonly at: Position };

/** Reads Go's text/template. Throws TemplateError with Go's words: `template: NAME:LINE: …`. */
export function parseTemplate(name: string, text: string, { hasFunction }: ParseTemplateOptions): ParsedTemplate {
  if (text.length > MAX_TEXT_LENGTH)
    throw new TemplateError(`template: ${name}: longer than ${MAX_TEXT_LENGTH} characters`);
  const templates = new Map<string, readonly Statement[]>();
  const top = newScope(new TokenSource(name, new Lexer(text)));
  add(top, encodeUtf8(name), parseRoot(top));
  return { name, text, templates };

  function parseRoot(scope: Scope): readonly Statement[] {
    const { tokens } = scope;
    const statements: Statement[] = [];
    while (tokens.peek().type !== 'eof') {
      if (tokens.peek().type === 'leftDelim') {
        const delimiter = tokens.next();
        if (tokens.nextNonSpace().type === 'define') {
          parseDefinition(newScope(tokens.inner()));
          continue;
        }
        tokens.backup2(delimiter);
      }
      const statement = parseStatement(scope);
      if (isEnd(statement)) return tokens.fail(`unexpected {{${statement.kind}}}`);
      statements.push(statement);
    }
    return statements;
  }

  function newScope(tokens: TokenSource, depth = 0): Scope {
    return { tokens, hasFunction, variables: ['$'], depth, rangeDepth: 0 };
  }

  function parseDefinition(scope: Scope): void {
    const context = 'define clause';
    const { tokens } = scope;
    const defined = parseName(tokens, context);
    tokens.expect('rightDelim', context);
    const { list, end } = parseList(scope);
    if (end.kind !== 'end') tokens.fail(`unexpected {{${end.kind}}} in ${context}`);
    add(scope, defined, list);
  }

  function parseName(tokens: TokenSource, context: string): string {
    const token = tokens.nextNonSpace();
    if (token.type !== 'string' && token.type !== 'rawString') tokens.unexpected(token, context);
    return unquoteOrFail(tokens, token.text);
  }

  /** A template that is all space and comments gives way to any other of its name. */
  function add({ tokens }: Scope, defined: string, statements: readonly Statement[]): void {
    const known = templates.get(defined);
    if (known === undefined || isEmpty(known)) templates.set(defined, statements);
    else if (!isEmpty(statements)) {
      tokens.fail(`template: multiple definition of template ${decodeUtf8(quoteBytes(defined))}`);
    }
  }

  function parseList(scope: Scope): {
    readonly list: readonly Statement[];
    readonly end: End;
  } {
    const { tokens } = scope;
    const list: Statement[] = [];
    while (tokens.peekNonSpace().type !== 'eof') {
      const statement = parseStatement(scope);
      if (isEnd(statement)) return { list, end: statement };
      list.push(statement);
    }
    return tokens.fail('unexpected EOF');
  }

  function parseStatement(scope: Scope): Statement | End {
    const { tokens } = scope;
    const token = tokens.nextNonSpace();
    if (token.type === 'text') return { kind: 'text', at: token.at, bytes: encodeUtf8(token.text) };
    if (token.type !== 'leftDelim') return tokens.unexpected(token, 'input');
    tokens.actionLine = token.line;
    const statement = parseAction(scope);
    tokens.actionLine = 0;
    return statement;
  }

  function parseAction(scope: Scope): Statement | End {
    const { tokens } = scope;
    const token = tokens.nextNonSpace();
    const { type } = token;
    if (type === 'block') return parseBlock(scope);
    if (type === 'break' || type === 'continue') return parseJump(scope, token, type);
    if (type === 'else') return parseElse(scope);
    if (type === 'end') return { kind: 'end', at: tokens.expect('rightDelim', 'end').at };
    if (type === 'if' || type === 'range' || type === 'with') return parseBranch(scope, type);
    if (type === 'template') return parseCall(scope);
    tokens.backup();
    const { at } = tokens.peek();
    // Variables stay declared until the end of the list.
    return { kind: 'action', at, pipe: parsePipeline(scope, 'command', 'rightDelim') };
  }

  function parseJump({ tokens, rangeDepth }: Scope, { at }: Token, kind: 'break' | 'continue'): Statement {
    const token = tokens.nextNonSpace();
    if (token.type !== 'rightDelim') tokens.unexpected(token, `{{${kind}}}`);
    if (rangeDepth === 0) tokens.fail(`{{${kind}}} outside {{range}}`);
    return { kind, at };
  }

  /** What follows an `else` in the same action is read by whoever has the `if`. */
  function parseElse({ tokens }: Scope): End {
    const next = tokens.peekNonSpace();
    if (next.type === 'if' || next.type === 'with') return { kind: 'else', at: next.at };
    return { kind: 'else', at: tokens.expect('rightDelim', 'else').at };
  }

  function parseBranch(scope: Scope, kind: BranchNode['kind']): BranchNode {
    const known = scope.variables.length;
    enter(scope);
    const pipe = parsePipeline(scope, kind, 'rightDelim');
    if (kind === 'range') scope.rangeDepth += 1;
    const { list, end } = parseList(scope);
    if (kind === 'range') scope.rangeDepth -= 1;
    const otherwise = end.kind === 'else' ? parseOtherwise(scope, kind) : undefined;
    scope.variables.length = known;
    scope.depth -= 1;
    return { kind, at: pipe.at, pipe, list, otherwise };
  }

  function parseOtherwise(scope: Scope, kind: BranchNode['kind']): readonly Statement[] {
    const { tokens } = scope;
    if (kind !== 'range' && tokens.peek().type === kind) {
      tokens.next();
      return [parseBranch(scope, kind)];
    }
    const { list, end } = parseList(scope);
    if (end.kind !== 'end') tokens.fail(`expected end; found {{${end.kind}}}`);
    return list;
  }

  function parseBlock(scope: Scope): Statement {
    const context = 'block clause';
    const { tokens } = scope;
    const { at } = tokens.peekNonSpace();
    const defined = parseName(tokens, context);
    const pipe = parsePipeline(scope, context, 'rightDelim');
    const inner = newScope(tokens.inner(), scope.depth);
    enter(inner);
    const { list, end } = parseList(inner);
    if (end.kind !== 'end') tokens.fail(`unexpected {{${end.kind}}} in ${context}`);
    add(inner, defined, list);
    return { kind: 'template', at, name: defined, pipe };
  }

  function parseCall(scope: Scope): Statement {
    const context = 'template clause';
    const { tokens } = scope;
    const { at } = tokens.peekNonSpace();
    const called = parseName(tokens, context);
    if (tokens.nextNonSpace().type === 'rightDelim') return { kind: 'template', at, name: called, pipe: undefined };
    tokens.backup();
    return { kind: 'template', at, name: called, pipe: parsePipeline(scope, context, 'rightDelim') };
  }
}

interface Scope extends ParseScope {
  rangeDepth: number;
}

function isEnd(statement: Statement | End): statement is End {
  return statement.kind === 'end' || statement.kind === 'else';
}

function isEmpty(statements: readonly Statement[]): boolean {
  return statements.every((statement) => statement.kind === 'text' && decodeUtf8(statement.bytes).trim() === '');
}
