import type { Budget } from './budget.ts';
import { type Checked, checkConstant, checkNil, checkValue } from './check-argument.ts';
import { executionError } from './execution-error.ts';
import { isTrue } from './is-true.ts';
import type { ChainNode, CommandNode, Node, NumberNode, Operand, PipeNode, VariableNode } from './node.ts';
import { printNode } from './print-node.ts';
import { TemplateError } from './template-error.ts';
import type { Evaluation, FunctionTable, ParamType, TemplateFunction } from './template-function.ts';
import { typeName } from './type-name.ts';
import { GoInt, GoMap, GoStruct, type GoValue } from './value.ts';

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
  /** The node that messages speak of. */
  node: Node;
}

interface Variable {
  readonly name: string;
  value: GoValue;
}

/** No value came down the pipeline; unlike nil, which may. */
const NOTHING = Symbol('nothing');
type Final = GoValue | typeof NOTHING;

/** Evaluates pipelines as Go's text/template does, with `missingkey=error`. Throws TemplateError in Go's words. */
export class Evaluator {
  readonly #rendering: Rendering;
  readonly #frame: Frame;

  constructor(rendering: Rendering, frame: Frame) {
    this.#rendering = rendering;
    this.#frame = frame;
  }

  pipeline(dot: GoValue, pipe: PipeNode | undefined): GoValue {
    if (pipe === undefined) return null;
    this.at(pipe);
    let value: Final = NOTHING;
    for (const command of pipe.commands) {
      this.#rendering.budget.spend(1);
      value = this.#command(dot, command, value);
    }
    const result = value === NOTHING ? null : value;
    for (const variable of pipe.variables) {
      const [name = ''] = variable.names;
      if (pipe.isAssignment) this.assign(name, result);
      else this.#frame.variables.push({ name, value: result });
    }
    return result;
  }

  at(node: Node): void {
    this.#frame.node = node;
  }

  fail(message: string): never {
    const { source, text } = this.#rendering;
    const { template, node } = this.#frame;
    throw executionError({ source, text, template, node }, message);
  }

  assign(name: string, value: GoValue): void {
    const variable = this.#frame.variables.findLast((one) => one.name === name);
    if (variable === undefined) this.fail(`undefined variable: ${name}`);
    variable.value = value;
  }

  #command(dot: GoValue, { operands }: CommandNode, final: Final): GoValue {
    const [first, ...args] = operands;
    if (first === undefined) return this.fail('empty command');
    switch (first.kind) {
      case 'field':
        this.at(first);
        return this.#fields(dot, first.names, first, args, final);
      case 'chain':
        return this.#chain(dot, first, args, final);
      case 'identifier':
        return this.#function(dot, first, args, final);
      case 'variable':
        return this.#variable(first, args, final);
      case 'pipe':
        this.#noArguments(first, args, final);
        return this.pipeline(dot, first);
      case 'nil':
        this.at(first);
        this.#noArguments(first, args, final);
        return this.fail('nil is not a command');
      case 'dot':
      case 'bool':
      case 'string':
      case 'number':
        this.at(first);
        this.#noArguments(first, args, final);
        return this.#constant(dot, first);
    }
  }

  #noArguments(first: Operand, args: readonly Operand[], final: Final): void {
    if (args.length > 0 || final !== NOTHING) this.fail(`can't give argument to non-function ${printNode(first)}`);
  }

  #constant(dot: GoValue, node: Extract<Operand, { kind: 'dot' | 'bool' | 'string' | 'number' }>): GoValue {
    if (node.kind === 'dot') return dot;
    return node.kind === 'number' ? this.#ideal(node) : node.value;
  }

  /** A number where any type would do: a float if it is written as one, else an int. */
  #ideal({ text, int, float }: NumberNode): GoValue {
    const isFloat = /[.eEpP]/.test(text) && !/^[-+]?0[xX]/.test(text) && !text.startsWith("'");
    if (float !== undefined && (isFloat || /^[-+]?0[xX].*[pP]/.test(text))) return float;
    return int === undefined ? this.fail(`${text} overflows int`) : new GoInt(int);
  }

  #chain(dot: GoValue, chain: ChainNode, args: readonly Operand[], final: Final): GoValue {
    this.at(chain);
    if (chain.base.kind === 'nil') this.fail(`indirection through explicit nil in ${printNode(chain)}`);
    return this.#fields(this.#argument(dot, 'any', chain.base), chain.names, chain, args, final);
  }

  #variable(variable: VariableNode, args: readonly Operand[], final: Final): GoValue {
    this.at(variable);
    const [name = '', ...names] = variable.names;
    const value = this.#frame.variables.findLast((one) => one.name === name)?.value;
    if (value === undefined) return this.fail(`undefined variable: ${name}`);
    if (names.length > 0) return this.#fields(value, names, variable, args, final);
    this.#noArguments(variable, args, final);
    return value;
  }

  #fields(receiver: GoValue, names: readonly string[], node: Node, args: readonly Operand[], final: Final): GoValue {
    const last = names.length - 1;
    return names.reduce<GoValue>((value, name, index) => {
      // To Go that is a nil inside of an interface; the end of a pipeline would be no value at all.
      if (value === null && (index > 0 || node.kind === 'field'))
        this.fail(`nil pointer evaluating interface {}.${name}`);
      return index < last ? this.#field(value, name, node, [], NOTHING) : this.#field(value, name, node, args, final);
    }, receiver);
  }

  #field(receiver: GoValue, name: string, node: Node, args: readonly Operand[], final: Final): GoValue {
    const hasArguments = args.length > 0 || final !== NOTHING;
    if (receiver === null) return this.fail(`nil data; no entry for key ${JSON.stringify(name)}`);
    if (receiver instanceof GoMap) {
      if (hasArguments) this.fail(`${name} is not a method but has arguments`);
      const key = Buffer.from(name, 'utf8').toString('latin1');
      if (!receiver.entries.has(key)) return this.fail(`map has no entry for key ${JSON.stringify(name)}`);
      return receiver.entries.get(key) ?? null;
    }
    if (receiver instanceof GoStruct) {
      const method = receiver.methods.get(name);
      if (method !== undefined) return this.#method(method, name, args, final, node);
      if (receiver.fields.has(name)) {
        if (hasArguments) this.fail(`${name} has arguments but cannot be invoked as function`);
        return receiver.fields.get(name) ?? null;
      }
    }
    return this.fail(`can't evaluate field ${name} in type ${typeName(receiver)}`);
  }

  #method(
    method: (args: readonly GoValue[]) => GoValue,
    name: string,
    args: readonly Operand[],
    final: Final,
    node: Node,
  ): GoValue {
    const values = args.map((arg) => this.#argument(null, 'any', arg));
    return this.#guarded(node, name, () => method(final === NOTHING ? values : [...values, final]));
  }

  #function(
    dot: GoValue,
    node: Extract<Operand, { kind: 'identifier' }>,
    args: readonly Operand[],
    final: Final,
  ): GoValue {
    this.at(node);
    const { name } = node;
    const { functions, evaluation } = this.#rendering;
    const callee = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (callee === undefined) return this.fail(`${JSON.stringify(name)} is not a defined function`);
    this.#checkNumber(callee, name, args.length, final);
    if (name === 'and' || name === 'or') return this.#shortCircuit(dot, name, args, final);

    const values = args.map((arg, index) => this.#argument(dot, typeAt(callee, index), arg));
    if (final !== NOTHING) values.push(this.#checked(checkValue(final, typeAt(callee, args.length))));
    return this.#guarded(node, name, () => callee.call(values, evaluation));
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

  #shortCircuit(dot: GoValue, name: 'and' | 'or', args: readonly Operand[], final: Final): GoValue {
    let value: GoValue = null;
    for (const arg of args) {
      value = this.#argument(dot, 'any', arg);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return final === NOTHING ? value : final;
  }

  #argument(dot: GoValue, type: ParamType, node: Operand): GoValue {
    this.at(node);
    switch (node.kind) {
      case 'nil':
        return this.#checked(checkNil(type));
      case 'dot':
        return this.#checked(checkValue(dot, type));
      case 'field':
        return this.#checked(checkValue(this.#fields(dot, node.names, node, [], NOTHING), type));
      case 'variable':
        return this.#checked(checkValue(this.#variable(node, [], NOTHING), type));
      case 'pipe':
        return this.#checked(checkValue(this.pipeline(dot, node), type));
      case 'identifier':
        return this.#checked(checkValue(this.#function(dot, node, [], NOTHING), type));
      case 'chain':
        return this.#checked(checkValue(this.#chain(dot, node, [], NOTHING), type));
      case 'bool':
      case 'string':
      case 'number':
        return this.#checked(checkConstant(node, type, () => this.#constant(dot, node)));
    }
  }

  #checked(checked: Checked): GoValue {
    return 'problem' in checked ? this.fail(checked.problem) : checked.value;
  }

  /** A function's own error gets its address; a limit that was reached has none. */
  #guarded(node: Node, name: string, call: () => GoValue): GoValue {
    const { budget } = this.#rendering;
    budget.spend(1);
    try {
      return call();
    } catch (error) {
      if (!(error instanceof TemplateError) || budget.isExhausted) throw error;
      this.at(node);
      return this.fail(`error calling ${name}: ${error.message}`);
    }
  }
}

function typeAt({ params, variadic }: TemplateFunction, index: number): ParamType {
  return params[index] ?? variadic ?? 'any';
}
