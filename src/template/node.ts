/** Where something stands in the text of its template: an index of its characters. */
export type Position = number;

export type Operand =
  | { readonly kind: 'dot'; readonly at: Position }
  | { readonly kind: 'nil'; readonly at: Position }
  | { readonly kind: 'bool'; readonly at: Position; readonly value: boolean }
  | { readonly kind: 'string'; readonly at: Position; readonly quoted: string; readonly value: string }
  | NumberNode
  | FieldNode
  | VariableNode
  | IdentifierNode
  | ChainNode
  | PipeNode;

/** A constant without a type of its own: it becomes what its place asks for, where it can. */
export interface NumberNode {
  readonly kind: 'number';
  readonly at: Position;
  readonly text: string;
  readonly int: bigint | undefined;
  readonly uint: bigint | undefined;
  readonly float: number | undefined;
}

/** `.a.b` */
export interface FieldNode {
  readonly kind: 'field';
  readonly at: Position;
  readonly names: readonly string[];
}

/** `$x.a.b`; the first name begins with `$`. */
export interface VariableNode {
  readonly kind: 'variable';
  readonly at: Position;
  readonly names: readonly string[];
}

/** The name of a function. */
export interface IdentifierNode {
  readonly kind: 'identifier';
  readonly at: Position;
  readonly name: string;
}

/** `(pipeline).a.b` or `function.a.b` */
export interface ChainNode {
  readonly kind: 'chain';
  readonly at: Position;
  readonly base: Operand;
  readonly names: readonly string[];
}

export interface PipeNode {
  readonly kind: 'pipe';
  readonly at: Position;
  readonly variables: readonly VariableNode[];
  /** `=` instead of `:=`. */
  readonly isAssignment: boolean;
  readonly commands: readonly CommandNode[];
}

export interface CommandNode {
  readonly kind: 'command';
  readonly at: Position;
  readonly operands: readonly Operand[];
}

export type Statement =
  | { readonly kind: 'text'; readonly at: Position; readonly bytes: string }
  | { readonly kind: 'action'; readonly at: Position; readonly pipe: PipeNode }
  | BranchNode
  | { readonly kind: 'template'; readonly at: Position; readonly name: string; readonly pipe: PipeNode | undefined }
  | { readonly kind: 'break' | 'continue'; readonly at: Position };

export interface BranchNode {
  readonly kind: 'if' | 'with' | 'range';
  readonly at: Position;
  readonly pipe: PipeNode;
  readonly list: readonly Statement[];
  readonly otherwise: readonly Statement[] | undefined;
}

export type Node = Operand | CommandNode | Statement;
