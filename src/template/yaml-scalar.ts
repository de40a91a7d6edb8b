import { resolveYamlScalar } from './resolve-yaml-scalar.ts';
import { foldDoubleQuoted, foldPlain, foldSingleQuoted, type YamlPlace } from './fold-yaml.ts';

const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
/** What Go's YAML takes for printable; it escapes tabs, and all beyond the first plane. */
const SPECIAL = /[^\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]|\r/;
/** Keys that are longer, in bytes, get a line of their own. */
const MAX_KEY_BYTES = 128;

/** Whether a key may stand before its colon. */
export function isSimpleKey(text: string): boolean {
  return !/[\n\r\u0085\u2028\u2029]/.test(text) && Buffer.byteLength(text, 'utf8') <= MAX_KEY_BYTES;
}

/** A text (not bytes) as Go's YAML writes it: plain where that reads back as the same text, else quoted or as a block. */
export function writeYamlText(text: string, place: YamlPlace): string {
  const isSpecial = SPECIAL.test(text) || / \n/.test(text);
  if (text.includes('\n')) {
    return !isSpecial && !text.endsWith(' ') ? literal(text, place) : foldDoubleQuoted(text, place);
  }
  const isText = resolveYamlScalar(text).kind === 'text' || text === '<<';
  if (isSpecial || !isText || BASE_60.test(text)) return foldDoubleQuoted(text, place);
  return isPlain(text) ? foldPlain(text, place) : foldSingleQuoted(text, place);
}

function isPlain(text: string): boolean {
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[-?:](?: |$)/.test(text) || /^(?:---|\.\.\.)/.test(text)) return false;
  return !/^ | $|:(?: |$)| #/.test(text);
}

function literal(text: string, { indent }: YamlPlace): string {
  const hint = /^[ \n]/.test(text) ? '2' : '';
  const chomping = text.endsWith('\n') ? (/(?:^|\n)\n$/.test(text) ? '+' : '') : '-';
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  const margin = ' '.repeat(indent);
  const lines = body.split('\n').map((line) => (line === '' ? '' : margin + line));
  return `|${hint}${chomping}\n${lines.join('\n')}`;
}
