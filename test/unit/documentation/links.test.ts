import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../../', import.meta.url).pathname;
const pages = globSync(['*.md', 'docs/**/*.md', 'src/**/*.md', 'test/**/*.md', 'certs/*.md', 'charts/**/*.md'], {
  cwd: ROOT,
});
const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);

const links = pages.flatMap((page) => {
  const prose = read(page).replaceAll(/^```.*?^```/gms, '');
  return [...prose.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = '']) => ({ page, target }));
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): readonly string[] {
  const headings = [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title);
  return headings.map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the documentation', () => {
  it.each(links)('links from $page to $target, which is there', ({ page, target }) => {
    const [file = '', anchor] = target.split('#');
    const path = file === '' ? page : join(dirname(page), file);

    expect(existsSync(join(ROOT, path))).toBe(true);
    expect(anchor === undefined || anchorsOf(read(path)).includes(anchor)).toBe(true);
  });

  it('was read with its links', () => {
    expect(links.length).toBeGreaterThan(50);
  });

  it.each(pages)('%s names only scripts that package.json has', (page) => {
    const named = [...read(page).matchAll(/npm run (?:-s )?([a-z0-9:]+)/g)].map(([, name = '']) => name);

    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
  });

  it.each(pages)('%s holds no path of a machine', (page) => {
    expect(read(page)).not.toMatch(/\/(?:work|root|home\/[a-z]+|tmp\/[a-z]+)\//);
  });
});
