import { randomBytes } from 'node:crypto';

/** A value that must not show, and a search that finds it in whatever way it was written down. */
export interface Marker {
  readonly text: string;
  /** The part of it that no format escapes; also a Kubernetes name. */
  readonly core: string;
  /** Excerpts around the places where the text, or its core, stands in some spelling; empty where it does not. */
  findIn(output: string): readonly string[];
}

const MOST_FINDINGS = 5;
const EXCERPT = 60;
/** Shorter parts would be found by chance. */
const LEAST_LENGTH = 10;

/** The core is made of letters and digits alone, the rest of what formats escape. */
export function createMarker(): Marker {
  const core = `lkm${randomBytes(10).toString('hex')}`;
  const text = `${core} "q" ü/\\&<${randomBytes(4).toString('hex')}`;
  const spellings = new Map([...spellingsOf(text), ...spellingsOf(core)]);
  return {
    text,
    core,
    findIn(output) {
      const found: string[] = [];
      for (const [spelling, how] of spellings) {
        const at = output.indexOf(spelling);
        if (at === -1) continue;
        found.push(`${how}: …${output.slice(Math.max(0, at - EXCERPT), at + spelling.length + EXCERPT)}…`);
        if (found.length === MOST_FINDINGS) break;
      }
      return found;
    },
  };
}

/** Every way in which a text could be written down in a log, a manifest or an answer, with its name. */
export function spellingsOf(text: string): ReadonlyMap<string, string> {
  const json = JSON.stringify(text).slice(1, -1);
  const base64 = Buffer.from(text).toString('base64');
  const found = new Map<string, string>();
  const add = (how: string, spellings: readonly string[]) => {
    for (const spelling of spellings) if (spelling.length >= LEAST_LENGTH) found.set(spelling, how);
  };

  add('base64 in base64', inBase64(base64));
  add('base64 of JSON', inBase64(json));
  add('base64', [base64, ...inBase64(text)]);
  add('base64url', inBase64(text).map(toBase64Url));
  const hex = Buffer.from(text).toString('hex');
  add('hex', [hex, hex.toUpperCase()]);
  const url = encodeURIComponent(text);
  add('URL-encoded', [url, url.replaceAll('%20', '+'), url.replaceAll(/%../g, (code) => code.toLowerCase())]);
  add('JSON in JSON', [JSON.stringify(json).slice(1, -1)]);
  add('JSON', [json, asciiOnly(json), forHtml(json)]);
  add('plain', [text]);
  return found;
}

/** What base64 makes of a text that begins at any byte of a longer one, without the letters that its neighbours share. */
function inBase64(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((offset) => {
    const whole = Math.floor((offset + bytes.length) / 3) * 4;
    const skipped = [0, 2, 3][offset] ?? 0;
    return Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(skipped, whole);
  });
}

function toBase64Url(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}

function asciiOnly(json: string): string {
  return json.replaceAll(/[^ -~]/g, unicodeEscape);
}

/** Go's encoder writes these so, too. */
function forHtml(json: string): string {
  return json.replaceAll(/[<>&]/g, unicodeEscape);
}

function unicodeEscape(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
