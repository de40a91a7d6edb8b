import type { Evaluation } from '../template-function.ts';
import { spendBytes } from './arguments.ts';

export interface WrapOptions {
  /** Bytes of a line; less than 1 counts as 1. */
  readonly width: number;
  readonly newline: string;
  /** Whether words that are longer than a line are cut. */
  readonly cutsWords: boolean;
}

/** Lines of words (the package goutils). White space is the ASCII space alone, and what was a line end stays one. */
export function wrapText(text: string, options: WrapOptions, evaluation: Evaluation): string {
  const width = Math.max(options.width, 1);
  const newline = options.newline === '' ? '\n' : options.newline;
  const lines: string[] = [];
  let at = 0;
  while (text.length - at > width) {
    if (text[at] === ' ') {
      at += 1;
      continue;
    }
    const end = endOfLine(at);
    spendBytes(evaluation, end - at + newline.length);
    lines.push(text.slice(at, end));
    at = text[end] === ' ' ? end + 1 : end;
    if (end === text.length) return lines.join(newline);
  }
  return [...lines, text.slice(at)].join(newline);

  function endOfLine(start: number): number {
    const space = text.slice(start, start + width + 1).lastIndexOf(' ');
    if (space >= 0) return start + space;
    if (options.cutsWords) return start + width;
    const next = text.indexOf(' ', start + width);
    return next < 0 ? text.length : next;
  }
}
