import { quoteBytes } from './go-quoted.ts';
import type { Node } from './node.ts';
import { printNode } from './print-node.ts';
import { shorten } from './shorten.ts';
import { TemplateError } from './template-error.ts';
import { decodeUtf8 } from './utf8.ts';

/** Where an execution stands, for Go's words about it. */
export interface Place {
  /** Of the template that was parsed; those that it defines stand in its text. */
  readonly source: string;
  readonly text: string;
  /** Of the template that is carried out, as a byte string. */
  readonly template: string;
  readonly node: Node;
}

/** `template: url:1:9: executing "url" at <.x>: what`. Line and column, in bytes, are those of the node. */
export function executionError(place: Place, message: string, cause?: unknown): TemplateError {
  const { source, text, template, node } = place;
  const before = text.slice(0, node.at);
  const lines = before.split('\n');
  const column = Buffer.byteLength(lines.at(-1) ?? '', 'utf8');
  const context = shorten(printNode(node));
  return new TemplateError(
    `template: ${source}:${lines.length}:${column}: executing ${shorten(decodeUtf8(quoteBytes(template)))} at <${context}>: ${shorten(message)}`,
    { cause },
  );
}
