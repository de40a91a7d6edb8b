import type { Budget } from './budget.ts';
import { Evaluator, type Frame, type Rendering } from './evaluate.ts';
import { formatValue } from './format-value.ts';
import { quoteBytes } from './go-quoted.ts';
import { elementOf, plainValue, type Value } from './interface-value.ts';
import { isTrue } from './is-true.ts';
import type { BranchNode, Statement } from './node.ts';
import type { ParsedTemplate } from './parse-template.ts';
import { TemplateError } from './template-error.ts';
import type { Evaluation, FunctionTable } from './template-function.ts';
import { typeName } from './type-name.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { GoInt, GoList, GoMap, type GoValue } from './value.ts';

export interface ExecuteOptions {
  readonly functions: FunctionTable;
  readonly evaluation: Evaluation;
  readonly budget: Budget;
}

/** What stops a list before its end. */
type Jump = 'break' | 'continue' | undefined;

/** Renders a parsed template over its root value to a byte string. Throws TemplateError. */
export function executeTemplate(parsed: ParsedTemplate, root: GoValue, options: ExecuteOptions): string {
  const rendering: Rendering = { source: parsed.name, text: parsed.text, ...options };
  const run: Run = { rendering, templates: parsed.templates, output: [] };
  const name = encodeUtf8(parsed.name);
  try {
    new Execution(run, name, root ?? undefined).walkAll(run.templates.get(name) ?? [], root ?? undefined);
    return run.output.join('');
  } catch (error) {
    if (!(error instanceof TemplateError) || !options.budget.isExhausted) throw error;
    throw new TemplateError(`template: ${parsed.name}: ${error.message}`, { cause: error });
  }
}

interface Run {
  readonly rendering: Rendering;
  readonly templates: ReadonlyMap<string, readonly Statement[]>;
  readonly output: string[];
}

/** One template being carried out, with variables of its own. */
class Execution {
  readonly #run: Run;
  readonly #frame: Frame;
  readonly #evaluator: Evaluator;

  constructor(run: Run, template: string, root: Value) {
    this.#run = run;
    this.#frame = {
      template,
      variables: [{ name: '$', value: root }],
      node: { kind: 'dot', at: 0 },
    };
    this.#evaluator = new Evaluator(run.rendering, this.#frame);
  }

  walkAll(list: readonly Statement[], dot: Value): Jump {
    const { budget } = this.#run.rendering;
    budget.enter();
    for (const statement of list) {
      const jump = this.#walk(statement, dot);
      if (jump === undefined) continue;
      budget.leave();
      return jump;
    }
    budget.leave();
    return undefined;
  }

  #walk(statement: Statement, dot: Value): Jump {
    this.#run.rendering.budget.spend(1);
    this.#evaluator.at(statement);
    switch (statement.kind) {
      case 'text':
        this.#write(statement.bytes);
        return undefined;
      case 'action': {
        const value = this.#evaluator.pipeline(dot, statement.pipe);
        if (statement.pipe.variables.length > 0) return undefined;
        this.#write(value === undefined ? '<no value>' : formatValue(value));
        return undefined;
      }
      case 'template':
        this.#call(statement, dot);
        return undefined;
      case 'break':
      case 'continue':
        return statement.kind;
      case 'range':
        return this.#walkRange(statement, dot);
      case 'if':
      case 'with':
        return this.#walkBranch(statement, dot);
    }
  }

  #call({ name, pipe }: Extract<Statement, { kind: 'template' }>, dot: Value): void {
    const statements = this.#run.templates.get(name);
    if (statements === undefined) this.#evaluator.fail(`template ${decodeUtf8(quoteBytes(name))} not defined`);
    const { budget } = this.#run.rendering;
    if (!budget.enterCall()) this.#evaluator.fail(`exceeded maximum template depth (${budget.maxCalls})`);
    const argument = this.#evaluator.pipeline(dot, pipe);
    new Execution(this.#run, name, argument).walkAll(statements ?? [], argument);
    budget.leaveCall();
  }

  #walkBranch({ kind, pipe, list, otherwise }: BranchNode, dot: Value): Jump {
    const { variables } = this.#frame;
    const known = variables.length;
    const value = this.#evaluator.pipeline(dot, pipe);
    let jump: Jump;
    if (isTrue(plainValue(value))) jump = this.walkAll(list, kind === 'with' ? value : dot);
    else if (otherwise !== undefined) jump = this.walkAll(otherwise, dot);
    variables.length = known;
    return jump;
  }

  #walkRange(node: BranchNode, dot: Value): Jump {
    const { variables } = this.#frame;
    const known = variables.length;
    const items = this.#itemsOf(node, this.#evaluator.pipeline(dot, node.pipe));
    const declared = variables.length;
    let isEmpty = true;
    for (const [index, item] of items) {
      isEmpty = false;
      this.#run.rendering.budget.spend(1);
      this.#setLoopVariables(node, index, item);
      const jump = this.walkAll(node.list, item);
      variables.length = declared;
      if (jump === 'break') break;
    }
    const jump = isEmpty && node.otherwise !== undefined ? this.walkAll(node.otherwise, dot) : undefined;
    variables.length = known;
    return jump;
  }

  /** Maps in the order of their keys; an integer counts up to itself; no value is empty. */
  #itemsOf({ pipe }: BranchNode, value: Exclude<GoValue, null> | undefined): Iterable<readonly [Value, Value]> {
    if (value === undefined) return [];
    if (value instanceof GoList) return itemsOfList(value);
    if (value instanceof GoMap) {
      this.#run.rendering.budget.spend(value.entries.size);
      return sortedItems(value);
    }
    const type = typeName(value);
    if (!(value instanceof GoInt)) return this.#evaluator.fail(`range can't iterate over a value of type ${type}`);
    if (pipe.variables.length > 1) {
      this.#evaluator.fail(`can't use a value of type ${type} to iterate over more than one variable`);
    }
    return countTo(value);
  }

  #setLoopVariables({ pipe }: BranchNode, index: Value, item: Value): void {
    const { variables } = this.#frame;
    const names = pipe.variables.map((variable) => variable.names[0] ?? '');
    const values = names.length > 1 ? [index, item] : [item];
    for (const [position, name] of names.entries()) {
      const value = values[position];
      // The pipeline has declared them with its own value.
      if (pipe.isAssignment) this.#evaluator.assign(name, value);
      else variables[variables.length - names.length + position] = { name, value };
    }
  }

  #write(bytes: string): void {
    this.#run.rendering.budget.write(bytes.length);
    this.#run.output.push(bytes);
  }
}

function* itemsOfList(list: GoList): Generator<readonly [Value, Value]> {
  for (const [index, item] of list.items.entries()) yield [new GoInt(index), elementOf(list, item)];
}

function sortedItems(map: GoMap): readonly (readonly [Value, Value])[] {
  const entries = [...map.entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, value]) => [key, elementOf(map, value)]);
}

function* countTo({ value, kind }: GoInt): Generator<readonly [Value, Value]> {
  for (let count = 0n; count < value; count += 1n) yield [undefined, new GoInt(count, kind)];
}
