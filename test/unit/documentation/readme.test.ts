import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { providerKinds } from '../../../src/providers/registry.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const readme = readFileSync(`${ROOT}README.md`, 'utf8');
const map = readFileSync(`${ROOT}src/README.md`, 'utf8');

describe('README.md', () => {
  it('says of the providers that exist that they work, and of no other', () => {
    const [, works = '', notYet = ''] = /^\| providers \| (.*?) \| (.*?) \|$/m.exec(readme) ?? [];
    const names = (cell: string) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name).toSorted();

    expect(names(works)).toEqual(providerKinds.map(({ name }) => name).toSorted());
    expect(names(notYet).filter((name) => names(works).includes(name))).toEqual([]);
  });
});

describe('src/README.md', () => {
  it('has a paragraph for every folder, and for no other', () => {
    const folders = globSync('src/*/', { cwd: ROOT }).map((path) => path.slice('src/'.length).replace('/', ''));
    const paragraphs = [...map.matchAll(/^\*\*(`.*?\/`)\*\*/gm)].flatMap(([, names = '']) => {
      return names.split(', ').map((name) => name.slice(1, -2));
    });

    expect(paragraphs.toSorted()).toEqual(folders.toSorted());
  });
});
