import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = new URL('../../src', import.meta.url).pathname;

/** The order of imports, highest first; a folder may import its own level's and lower folders. Files at the root are the lowest. */
const LEVELS: readonly (readonly string[])[] = [
  ['commands'],
  ['server', 'tls', 'controller'],
  ['admission'],
  ['delivery', 'externalsecrets'],
  ['resolve', 'template'],
  ['planning'],
  ['stores', 'references'],
  ['providers'],
  ['identity'],
  ['kube'],
];

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isType: boolean;
  /** Loaded when it is needed. */
  readonly isLazy: boolean;
}

const files = globSync('**/*.ts', { cwd: SRC });
const imports = files.flatMap(importsOf);

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const found = text.matchAll(/^(?:import|export)\s+(type\s)?[^;'"]*?(?:from\s+)?['"](\.[^'"]+)['"]/gms);
  const dynamic = text.matchAll(/import\(\s*()['"](\.[^'"]+)['"]\s*\)/g);
  return [...found, ...dynamic].map(([statement, type, path]) => ({
    file,
    target: relative(SRC, join(SRC, dirname(file), path ?? '')),
    isType: type !== undefined,
    isLazy: statement.startsWith('import('),
  }));
}

function folderOf(path: string): string {
  const [first = '', ...rest] = path.split('/');
  return rest.length === 0 ? '' : first;
}

function levelOf(folder: string): number {
  return folder === '' ? LEVELS.length : LEVELS.findIndex((level) => level.includes(folder));
}

describe('the layers of src', () => {
  it('knows every folder', () => {
    const unknown = files.map(folderOf).filter((folder) => levelOf(folder) < 0);

    expect(unknown).toEqual([]);
  });

  it('imports downwards, and sideways only types', () => {
    const wrong = imports.filter(({ file, target, isType }) => {
      const [from, to] = [folderOf(file), folderOf(target)];
      if (from === to || file === 'main.ts') return false;
      const [fromLevel, toLevel] = [levelOf(from), levelOf(to)];
      return fromLevel > toLevel || (fromLevel === toLevel && !isType);
    });

    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('keeps providers apart from each other and from the cluster', () => {
    const wrong = imports.filter(({ file, target }) => {
      const [, own = ''] = file.split('/');
      if (!file.startsWith('providers/') || own.endsWith('.ts')) return false;
      const [folder = '', other = ''] = target.split('/');
      return folder === 'kube' || (folder === 'providers' && !other.endsWith('.ts') && other !== own);
    });

    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('loads no provider that no store uses', () => {
    const atStart = imports.filter(({ file, target, isType, isLazy }) => {
      const folder = /^providers\/[^/]+\//.exec(target)?.[0];
      return folder !== undefined && !file.startsWith(folder) && !isType && !isLazy;
    });

    expect(atStart.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('lets planning, references and template do no I/O', () => {
    const wrong = files
      .filter((file) => ['planning', 'references', 'template'].includes(folderOf(file)))
      .filter((file) =>
        /from '(?:node:(?!crypto|util|buffer)|undici|fastify)/.test(readFileSync(join(SRC, file), 'utf8')),
      );

    expect(wrong).toEqual([]);
  });

  it.each(files)('%s has a kebab-case name and at most 300 lines', (file) => {
    const lines = readFileSync(join(SRC, file), 'utf8').split('\n').length;

    expect(file).toMatch(/^[a-z0-9]+(?:[-/][a-z0-9]+)*\.ts$/);
    expect(lines).toBeLessThanOrEqual(301);
  });
});
