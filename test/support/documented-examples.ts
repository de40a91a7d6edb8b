import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** A manifest of docs/examples, as a reader applies it. */
export interface DocumentedExample {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  /** Keys of ours that it shows. */
  readonly annotations: readonly string[];
  /** The line that its comment promises, for those that this version does not serve. */
  readonly refusal: string | undefined;
}

export const EXAMPLES = new URL('../../docs/examples/', import.meta.url).pathname;
export const STORES = { vault: join(EXAMPLES, 'stores-vault.yaml'), fake: join(EXAMPLES, 'stores-fake.yaml') } as const;

/** Those that work, by name, without the stores that they read from. */
export function servedExamples(): readonly DocumentedExample[] {
  return load(EXAMPLES).filter(({ path }) => !Object.values<string>(STORES).includes(path));
}

export function refusedExamples(): readonly DocumentedExample[] {
  return load(join(EXAMPLES, 'refused'));
}

function load(folder: string): readonly DocumentedExample[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  return files.map((file) => {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const refusal = /^# Refused: (.*)$/m.exec(text)?.[1];
    return { name: file.replace('.yaml', ''), path, text, annotations: annotationsIn(text), refusal };
  });
}

interface Annotated {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly template?: Annotated };
}

function annotationsIn(text: string): readonly string[] {
  return parseAllDocuments(text).flatMap((document) => {
    const { metadata, spec } = document.toJS() as Annotated;
    return [metadata, spec?.template?.metadata].flatMap((one) => Object.keys(one?.annotations ?? {}));
  });
}
