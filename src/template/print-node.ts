import { quoteBytes } from './go-quoted.ts';
import type { CommandNode, Node, Operand, PipeNode, Statement } from './node.ts';
import { decodeUtf8 } from './utf8.ts';

/** A node as Go's messages show it, between `<` and `>`. */
export function printNode(node: Node): string {
  switch (node.kind) {
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'string':
      return node.quoted;
    case 'number':
      return node.text;
    case 'field':
      return node.names.map((name) => `.${name}`).join('');
    case 'variable':
      return node.names.join('.');
    case 'identifier':
      return node.name;
    case 'chain':
      return `${printOperand(node.base)}${node.names.map((name) => `.${name}`).join('')}`;
    case 'pipe':
      return printPipe(node);
    case 'command':
      return printCommand(node);
    case 'text':
    case 'action':
    case 'template':
    case 'break':
    case 'continue':
    case 'if':
    case 'with':
    case 'range':
      return printStatement(node);
  }
}

function printOperand(node: Operand): string {
  return node.kind === 'pipe' ? `(${printPipe(node)})` : printNode(node);
}

function printPipe({ variables, isAssignment, commands }: PipeNode): string {
  const names = variables.map(printNode).join(', ');
  const declaration = names === '' ? '' : `${names} ${isAssignment ? '=' : ':='} `;
  return declaration + commands.map(printCommand).join(' | ');
}

function printCommand({ operands }: CommandNode): string {
  return operands.map(printOperand).join(' ');
}

function printStatement(node: Statement): string {
  switch (node.kind) {
    case 'text':
      return decodeUtf8(node.bytes);
    case 'action':
      return `{{${printPipe(node.pipe)}}}`;
    case 'template':
      return `{{template ${decodeUtf8(quoteBytes(node.name))}${node.pipe === undefined ? '' : ` ${printPipe(node.pipe)}`}}}`;
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`;
    case 'if':
    case 'with':
    case 'range': {
      const list = node.list.map(printStatement).join('');
      const otherwise = node.otherwise === undefined ? '' : `{{else}}${node.otherwise.map(printStatement).join('')}`;
      return `{{${node.kind} ${printPipe(node.pipe)}}}${list}${otherwise}{{end}}`;
    }
  }
}
