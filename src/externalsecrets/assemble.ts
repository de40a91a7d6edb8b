import { LatchkeyError } from '../errors.ts';
import type { Outcome } from '../providers/provider.ts';
import type { SecretValue } from '../secret-value.ts';
import type { Content } from './content.ts';
import { decodeOne } from './decode-content.ts';
import type { DataFromEntry, Definition } from './definition.ts';
import { createFailures } from './failures.ts';
import type { FetchedEntries } from './fetch-entries.ts';
import { shapeEntry } from './shape-entry.ts';
import type { TemplateEngine } from './template-engine.ts';

export interface Assembled {
  readonly content: Content;
  /** Places whose remote secrets do not exist, where `deletionPolicy` tolerates that. */
  readonly missing: readonly string[];
}

interface Place {
  readonly path: string;
  /** The part of the entry that was read: `.extract`. */
  readonly part: string;
  readonly key: string | undefined;
}

/** Later entries win over earlier ones, and rows of `data` over every entry of `dataFrom`. Throws the first failure. */
export function assemble({ spec }: Definition, fetched: FetchedEntries, engine: TemplateEngine): Assembled {
  const toleratesAbsence = spec.target.deletionPolicy !== 'Retain';
  const content = new Map<string, SecretValue>();
  const missing: string[] = [];
  const failures = createFailures();

  for (const [index, entry] of spec.dataFrom.entries()) {
    take(fetched.dataFrom[index], placeOf(entry, index), (read) => {
      for (const [key, value] of shapeEntry(entry, read, engine)) content.set(key, value);
    });
  }
  for (const [index, { secretKey, remoteRef }] of spec.data.entries()) {
    take(fetched.data[index], { path: `spec.data[${index}]`, part: '', key: remoteRef.key }, (read) => {
      content.set(secretKey, decodeOne(remoteRef.key, read, remoteRef));
    });
  }
  failures.throwFirst();
  return { content, missing };

  function take<T>(read: Outcome<T> | undefined, { path, part, key }: Place, use: (value: T) => void): void {
    if (toleratesAbsence && read?.ok === false && read.error.code === 'SECRET_NOT_FOUND') {
      missing.push(key === undefined ? path : `${path} (key=${key})`);
      return;
    }
    failures.collect(`${path}${part}${key === undefined ? '' : `, key "${key}"`}`, () => {
      if (read?.ok !== true) throw LatchkeyError.from(read?.error);
      use(read.value);
    });
  }
}

function placeOf(entry: DataFromEntry, index: number): Place {
  const path = `spec.dataFrom[${index}]`;
  switch (entry.kind) {
    case 'extract':
      return { path, part: '.extract', key: entry.remoteRef.key };
    case 'find':
      return { path, part: '.find', key: undefined };
    case 'generator':
      return { path, part: '.sourceRef.generatorRef', key: undefined };
  }
}
