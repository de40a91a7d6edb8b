import { type Budget, BYTES_PER_STEP } from './budget.ts';
import { type Checked, checkConstant, checkNil, checkValue } from './check-argument.ts';
import { executionError } from './execution-error.ts';
import { insideOf, plainValue, resultOf, type Value } from './interface-value.ts';
import { isTrue } from './is-true.ts';
import type {
  ChainNode,
  CommandNode,
  IdentifierNode,
  Node,
  NumberNode,
  Operand,
  PipeNode,
  VariableNode,
} from './node.ts';
import { printNode } from './print-node.ts';
import { readField } from './read-field.ts';
import { TemplateError } from './template-error.ts';
import type { Evaluation, FunctionTable, ParamType, TemplateFunction } from './template-function.ts';
import { GoInt, type GoValue } from './value.ts';

/** What one rendering has in common. */
export interface Rendering {
  readonly source: string;
  readonly text: string;
  readonly functions: FunctionTable;
  readonly evaluation: Evaluation;
  readonly budget: Budget;
}

/** What one template of a rendering knows; a called template knows nothing of its caller's. */
export interface Frame {
  readonly template: string;
  readonly variables: Variable[];
  /** The node that messages speak of: Go's is the last one that was looked at. */
  node: Node;
}

interface Variable {
  readonly name: string;
  value: Value;
}

/** No value came down the pipeline; unlike nil, which may. */
const NOTHING = Symbol('nothing');
type Final = Value | typeof NOTHING;

/** Evaluates pipelines as Go's text/template does, with `missingkey=error`. Throws TemplateError in Go's words. */
export class Evaluator {
  readonly #rendering: Rendering;
  readonly #frame: Frame;

  constructor(rendering: Rendering, frame: Frame) {
    this.#rendering = rendering;
    this.#frame = frame;
  }

  pipeline(dot: Value, pipe: PipeNode | undefined): Exclude<GoValue, null> | undefined {
    if (pipe === undefined) return undefined;
    const { budget } = this.#rendering;
    budget.enter();
    this.at(pipe);
    let final: Final = NOTHING;
    for (const command of pipe.commands) {
      budget.spend(1);
      final = insideOf(this.#command(dot, command, final));
    }
    const value = final === NOTHING ? undefined : insideOf(final);
    for (const variable of pipe.variables) {
      const [name = ''] = variable.names;
      if (pipe.isAssignment) this.assign(name, value);
      else this.#frame.variables.push({ name, value });
    }
    budget.leave();
    return value;
  }

  at(node: Node): void {
    this.#frame.node = node;
  }

  fail(message: string, cause?: unknown): never {
    const { source, text } = this.#rendering;
    const { template, node } = this.#frame;
    throw executionError({ source, text, template, node }, message, cause);
  }

  assign(name: string, value: Value): void {
    this.#lookUp(name).value = value;
  }

  #lookUp(name: string): Variable {
    return this.#frame.variables.findLast((one) => one.name === name) ?? this.fail(`undefined variable: ${name}`);
  }

  #command(dot: Value, command: CommandNode, final: Final): Value {
    const [first, ...args] = command.operands;
    if (first === undefined) return this.fail('empty command');
    switch (first.kind) {
      case 'field':
        this.at(first);
        return this.#fields(dot, dot, first.names, first, args, final);
      case 'chain':
        return this.#chain(dot, first, args, final);
      case 'identifier':
        return this.#function(dot, first, command, args, final);
      case 'variable':
        return this.#variable(dot, first, args, final);
      case 'pipe':
        this.#noArguments(first, args, final);
        return this.pipeline(dot, first);
      case 'nil':
        this.at(first);
        this.#noArguments(first, args, final);
        return this.fail('nil is not a command');
      case 'dot':
        this.at(first);
        this.#noArguments(first, args, final);
        return dot;
      case 'bool':
      case 'string':
      case 'number':
        this.at(first);
        this.#noArguments(first, args, final);
        return this.#constant(first);
    }
  }

  #noArguments(first: Operand, args: readonly Operand[], final: Final): void {
    if (args.length > 0 || final !== NOTHING) this.fail(`can't give argument to non-function ${printNode(first)}`);
  }

  #constant(node: Extract<Operand, { kind: 'bool' | 'string' | 'number' }>): Exclude<GoValue, null> {
    return node.kind === 'number' ? this.#ideal(node) : node.value;
  }

  /** A number where any type would do: a float if it is written as one, else an int. */
  #ideal({ text, int, float }: NumberNode): Exclude<GoValue, null> {
    const isHexInt = /^0[xX]/.test(text) && !/[pP]/.test(text);
    const isFloat = /[.eEpP]/.test(text) && !isHexInt && !text.startsWith("'");
    if (float !== undefined && isFloat) return float;
    return int === undefined ? this.fail(`${text} overflows int`) : new GoInt(int);
  }

  #chain(dot: Value, chain: ChainNode, args: readonly Operand[], final: Final): Value {
    this.at(chain);
    if (chain.base.kind === 'nil') this.fail(`indirection through explicit nil in ${printNode(chain)}`);
    return this.#fields(dot, this.#operand(dot, chain.base), chain.names, chain, args, final);
  }

  #variable(dot: Value, variable: VariableNode, args: readonly Operand[], final: Final): Value {
    this.at(variable);
    const [name = '', ...names] = variable.names;
    const { value } = this.#lookUp(name);
    if (names.length > 0) return this.#fields(dot, value, names, variable, args, final);
    this.#noArguments(variable, args, final);
    return value;
  }

  /** Arguments are for the last name, and make sense to a method alone. */
  #fields(
    dot: Value,
    receiver: Value,
    names: readonly string[],
    node: Node,
    args: readonly Operand[],
    final: Final,
  ): Value {
    const last = names.length - 1;
    let value = receiver;
    for (const [index, name] of names.entries()) {
      value =
        index < last
          ? this.#field(dot, value, name, node, [], NOTHING)
          : this.#field(dot, value, name, node, args, final);
    }
    return value;
  }

  #field(dot: Value, receiver: Value, name: string, node: Node, args: readonly Operand[], final: Final): Value {
    const read = readField(receiver, name, args.length > 0 || final !== NOTHING);
    if ('problem' in read) return this.fail(read.problem);
    if ('value' in read) return read.value;
    const values = args.map((arg) => this.#argument(dot, 'any', arg));
    if (final !== NOTHING) values.push(plainValue(final));
    return this.#guarded(node, name, () => read.method(values));
  }

  /** `place` is what messages about its own errors point at. */
  #function(dot: Value, node: IdentifierNode, place: Node, args: readonly Operand[], final: Final): Value {
    this.at(node);
    const { name } = node;
    const { functions, evaluation } = this.#rendering;
    const callee = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (callee === undefined) return this.fail(`"${name}" is not a defined function`);
    this.#checkNumber(callee, name, args.length, final);
    if (name === 'and' || name === 'or') return this.#shortCircuit(dot, name, args, final);

    const values = args.map((arg, index) => this.#argument(dot, typeAt(callee, index), arg));
    if (final !== NOTHING) values.push(this.#checked(checkValue(final, typeAt(callee, args.length))));
    return this.#guarded(place, name, () => callee.call(values, evaluation));
  }

  #checkNumber({ params, variadic }: TemplateFunction, name: string, given: number, final: Final): void {
    const all = final === NOTHING ? given : given + 1;
    if (variadic !== undefined) {
      if (all < params.length)
        this.fail(`wrong number of args for ${name}: want at least ${params.length} got ${given}`);
    } else if (all !== params.length) {
      this.fail(`wrong number of args for ${name}: want ${params.length} got ${all}`);
    }
  }

  #shortCircuit(dot: Value, name: 'and' | 'or', args: readonly Operand[], final: Final): Value {
    let value: Value;
    for (const arg of args) {
      value = this.#operand(dot, arg);
      if (isTrue(plainValue(value)) === (name === 'or')) return value;
    }
    return final === NOTHING ? value : final;
  }

  #argument(dot: Value, type: ParamType, node: Operand): GoValue {
    if (node.kind === 'nil') {
      this.at(node);
      return this.#checked(checkNil(type));
    }
    if (node.kind !== 'bool' && node.kind !== 'string' && node.kind !== 'number') {
      return this.#checked(checkValue(this.#operand(dot, node), type));
    }
    this.at(node);
    return this.#checked(checkConstant(node, type, () => this.#constant(node)));
  }

  /** An argument where anything goes. */
  #operand(dot: Value, node: Operand): Value {
    this.at(node);
    switch (node.kind) {
      case 'nil':
        return undefined;
      case 'dot':
        return dot;
      case 'field':
        return this.#fields(dot, dot, node.names, node, [], NOTHING);
      case 'variable':
        return this.#variable(dot, node, [], NOTHING);
      case 'pipe':
        return this.pipeline(dot, node);
      case 'identifier':
        return this.#function(dot, node, node, [], NOTHING);
      case 'chain':
        return this.#chain(dot, node, [], NOTHING);
      case 'bool':
      case 'string':
      case 'number':
        return this.#constant(node);
    }
  }

  #checked(checked: Checked): GoValue {
    return 'problem' in checked ? this.fail(checked.problem) : checked.value;
  }

  /** A function's own error gets its address; a limit that was reached has none. */
  #guarded(place: Node, name: string, call: () => GoValue): Value {
    const { budget } = this.#rendering;
    budget.spend(1);
    try {
      const result = call();
      if (typeof result === 'string') budget.spend(result.length / BYTES_PER_STEP);
      return resultOf(result);
    } catch (error) {
      // The end of the stack is not the function's fault.
      if (budget.isExhausted || error instanceof RangeError) throw error;
      this.at(place);
      const isExpected = error instanceof TemplateError;
      return this.fail(`error calling ${name}: ${isExpected ? error.message : 'it failed unexpectedly'}`, error);
    }
  }
}

function typeAt({ params, variadic }: TemplateFunction, index: number): ParamType {
  return params[index] ?? variadic ?? 'any';
}
