import { didYouMean } from '../did-you-mean.ts';
import { LatchkeyError } from '../errors.ts';
import type { AnnotationSource } from './annotation-source.ts';
import { ENV_FROM, ENV_PREFIX, KEYS_OF_OTHERS, MARKS, PREFIX, SHARED_KEYS, WORKLOAD_KEYS } from './annotations.ts';

/** What one object says to us: the annotations that are known and may stand there. */
export interface OwnAnnotations {
  readonly where: string;
  readonly texts: ReadonlyMap<string, string>;
}

/** What was found while reading; everybody who reads adds to it. */
export interface Findings {
  readonly problems: LatchkeyError[];
  readonly warnings: string[];
}

const MAX_TEXT_LENGTH = 64 * 1024; // a quarter of what Kubernetes allows for all annotations of an object
const MAX_KEY_LENGTH = 80; // Kubernetes checks names after admission, so they may have any length here
const MAX_WARNINGS = 20; // the API server shows 4 KiB of them at most

/** `undefined` for an object without annotations for us, which is nearly every object. */
export function readOwnAnnotations(source: AnnotationSource, findings: Findings): OwnAnnotations | undefined {
  const { annotations = {}, where } = source;
  let texts: Map<string, string> | undefined;

  for (const key of Object.keys(annotations)) {
    if (!key.startsWith(PREFIX) || MARKS.has(key)) continue;
    if (!mayStandAt(source.level, key)) {
      if (findings.warnings.length < MAX_WARNINGS) findings.warnings.push(warning(key, where));
      continue;
    }
    const text = annotations[key];
    if (typeof text === 'string' && text.length <= MAX_TEXT_LENGTH) {
      texts ??= new Map();
      texts.set(key, text);
    } else {
      findings.problems.push(unreadable(text).at(annotationAt(key, where)));
    }
  }
  return texts === undefined ? undefined : { where, texts };
}

/** An annotation's address in messages. */
export function annotationAt(key: string, where: string): string {
  return `annotation ${shorten(key)} on ${where}`;
}

export function shorten(name: string): string {
  return name.length <= MAX_KEY_LENGTH ? name : `${name.slice(0, MAX_KEY_LENGTH)}…`;
}

function mayStandAt(level: AnnotationSource['level'], key: string): boolean {
  if (SHARED_KEYS.has(key)) return true;
  return (level === 'pod' || level === 'workload') && isWorkloadKey(key);
}

function isWorkloadKey(key: string): boolean {
  return WORKLOAD_KEYS.has(key) || key.startsWith(ENV_PREFIX);
}

function warning(key: string, where: string): string {
  const address = annotationAt(key, where);
  const home = isWorkloadKey(key) ? 'a Pod or the workload above it' : KEYS_OF_OTHERS.get(key);
  if (home !== undefined) return `${address} has no effect: it belongs on ${home}`;

  const meant = didYouMean(key.slice(PREFIX.length), knownNames());
  const suggestion = meant === undefined ? '' : `; did you mean ${PREFIX}${meant}?`;
  return `${address} is unknown and has no effect${suggestion}`;
}

function knownNames(): readonly string[] {
  return [...WORKLOAD_KEYS, ...SHARED_KEYS].map((key) => key.slice(PREFIX.length));
}

function unreadable(text: unknown): LatchkeyError {
  if (typeof text !== 'string') {
    return new LatchkeyError('ANNOTATION_INVALID', 'is no text', { hint: 'Put the value in quotes' });
  }
  return new LatchkeyError('ANNOTATION_INVALID', `is longer than ${MAX_TEXT_LENGTH} characters`, {
    hint: `Divide it, or use ${ENV_FROM}`,
  });
}
