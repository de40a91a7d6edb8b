import type { Budget } from './budget.ts';
import { Evaluator, type Frame, type Rendering } from './evaluate.ts';
import { formatValue } from './format-value.ts';
import { isTrue } from './is-true.ts';
import type { BranchNode, Statement } from './node.ts';
import type { ParsedTemplate } from './parse-template.ts';
import type { Evaluation, FunctionTable } from './template-function.ts';
import { typeName } from './type-name.ts';
import { GoInt, GoList, GoMap, type GoValue } from './value.ts';

export interface ExecuteOptions {
  readonly functions: FunctionTable;
  readonly evaluation: Evaluation;
  readonly budget: Budget;
}

/** Go allows 100,000; a stack of ours holds fewer, and nobody means more. */
const MAX_CALLS = 200;

/** Renders a parsed template over its root value. Throws TemplateError. */
export function executeTemplate(parsed: ParsedTemplate, root: GoValue, options: ExecuteOptions): string {
  const { name: source, text, templates } = parsed;
  const { functions, evaluation, budget } = options;
  const rendering: Rendering = { source, text, functions, evaluation, budget };
  const output: string[] = [];
  call(source, root, 0);
  return output.join('');

  function call(template: string, dot: GoValue, depth: number): void {
    const statements = templates.get(template) ?? [];
    const first: Statement = statements[0] ?? { kind: 'text', at: 0, bytes: '' };
    const frame: Frame = { template, variables: [{ name: '$', value: dot }], node: first };
    const evaluator = new Evaluator(rendering, frame);
    walkAll(statements, dot);

    function walkAll(list: readonly Statement[], dotHere: GoValue): Jump {
      for (const statement of list) {
        const jump = walk(statement, dotHere);
        if (jump !== undefined) return jump;
      }
      return undefined;
    }

    function walk(statement: Statement, dotHere: GoValue): Jump {
      budget.spend(1);
      evaluator.at(statement);
      switch (statement.kind) {
        case 'text':
          write(statement.bytes);
          return undefined;
        case 'action': {
          const value = evaluator.pipeline(dotHere, statement.pipe);
          if (statement.pipe.variables.length === 0) write(value === null ? '<no value>' : formatValue(value));
          return undefined;
        }
        case 'template': {
          if (!templates.has(statement.name)) evaluator.fail(`template ${JSON.stringify(statement.name)} not defined`);
          if (depth >= MAX_CALLS) evaluator.fail(`exceeded maximum template depth (${MAX_CALLS})`);
          call(statement.name, evaluator.pipeline(dotHere, statement.pipe), depth + 1);
          return undefined;
        }
        case 'break':
        case 'continue':
          return statement.kind;
        case 'range':
          return inScope(() => walkRange(statement, dotHere));
        case 'if':
        case 'with':
          return inScope(() => walkBranch(statement, dotHere));
      }
    }

    /** What is declared inside is gone afterwards. */
    function inScope(work: () => Jump): Jump {
      const known = frame.variables.length;
      const jump = work();
      frame.variables.length = known;
      return jump;
    }

    function walkBranch({ kind, pipe, list, otherwise }: BranchNode, dotHere: GoValue): Jump {
      const value = evaluator.pipeline(dotHere, pipe);
      if (isTrue(value)) return walkAll(list, kind === 'with' ? value : dotHere);
      return otherwise === undefined ? undefined : walkAll(otherwise, dotHere);
    }

    function walkRange(node: BranchNode, dotHere: GoValue): Jump {
      const value = evaluator.pipeline(dotHere, node.pipe);
      evaluator.at(node);
      const items = itemsOf(value);
      if (items === undefined) return evaluator.fail(`range can't iterate over a value of type ${typeName(value)}`);
      if (value instanceof GoInt && node.pipe.variables.length > 1) {
        return evaluator.fail(`can't use ${value.value} to iterate over more than one variable`);
      }
      const known = frame.variables.length;
      let isEmpty = true;
      for (const [index, item] of items) {
        isEmpty = false;
        budget.spend(1);
        setLoopVariables(node, index, item);
        const jump = walkAll(node.list, item);
        frame.variables.length = known;
        if (jump === 'break') break;
      }
      if (isEmpty && node.otherwise !== undefined) return walkAll(node.otherwise, dotHere);
      return undefined;
    }

    function setLoopVariables({ pipe }: BranchNode, index: GoValue, item: GoValue): void {
      const names = pipe.variables.map((variable) => variable.names[0] ?? '');
      const values = names.length > 1 ? [index, item] : [item];
      for (const [position, name] of names.entries()) {
        const value = values[position] ?? null;
        // The pipeline has declared them with its own value.
        if (pipe.isAssignment) evaluator.assign(name, value);
        else frame.variables[frame.variables.length - names.length + position] = { name, value };
      }
    }
  }

  function write(bytes: string): void {
    budget.write(bytes.length);
    output.push(bytes);
  }
}

/** What stops a list before its end. */
type Jump = 'break' | 'continue' | undefined;

/** Maps in the order of their keys; an integer counts up to itself; nil is empty. */
function itemsOf(value: GoValue): Iterable<readonly [GoValue, GoValue]> | undefined {
  if (value === null) return [];
  if (value instanceof GoList) return value.items.map((item, index) => [new GoInt(index), item] as const);
  if (value instanceof GoMap) return [...value.entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return value instanceof GoInt ? countTo(value) : undefined;
}

function* countTo({ value, kind }: GoInt): Generator<readonly [GoValue, GoValue]> {
  for (let count = 0n; count < value; count += 1n) yield [new GoInt(count, kind), new GoInt(count, kind)];
}
