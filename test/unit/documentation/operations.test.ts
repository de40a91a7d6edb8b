import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../../', import.meta.url).pathname;
const page = readFileSync(`${ROOT}docs/operations.md`, 'utf8');
const source = globSync('src/**/*.ts', { cwd: ROOT })
  .map((file) => readFileSync(`${ROOT}${file}`, 'utf8'))
  .join('\n');

/** Our own, and External Secrets' names of what we measure as it does. Of a histogram, Prometheus adds endings. */
const METRIC = /\b(?:latchkey|externalsecret)_[a-z_]+?(?=_bucket\b|_count\b|\b)/g;

function column(heading: string, index: number): readonly string[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => [...(row.split(' | ')[index] ?? '').matchAll(/`(.*?)`/g)].map(([, text = '']) => text));
}

describe('docs/operations.md', () => {
  it('has every metric that the source names, and no other', () => {
    const inSource = new Set(
      [...source.matchAll(/name: '((?:latchkey|externalsecret)_[a-z_]+)'/g)].map(([, name = '']) => name),
    );
    const inTable = new Set(column('Metrics', 0));

    expect([...inTable].toSorted()).toEqual([...inSource].toSorted());
    expect([...page.matchAll(METRIC)].map(([name]) => name).filter((name) => !inSource.has(name))).toEqual([]);
  });

  it('names checks of probes as the source does', () => {
    const inSource = new Set([...source.matchAll(/name: '(\w+)', holds:/g)].map(([, name = '']) => name));

    expect(column('Probes', 0).toSorted()).toEqual([...inSource].toSorted());
  });

  it.each(column('Logs', 0))('explains a line that the source writes: %s', (message) => {
    expect(source.includes(`'${message}'`)).toBe(true);
  });

  it("names the reasons of a store's condition as the source does", () => {
    const reasons = /readonly reason: ('Valid'.*);/.exec(source)?.[1]?.replaceAll("'", '').split(' | ') ?? [];

    expect(reasons.length).toBeGreaterThan(1);
    expect(reasons.filter((reason) => !page.includes(`| \`${reason}\``))).toEqual([]);
  });
});
