// Builds dist/: the bundle, what `latchkey demo` reads, and the list of packages in it.
import { cp, readFile, writeFile } from 'node:fs/promises';
import type { Metafile } from 'esbuild';
import { bundle } from './bundle.ts';

/** Another folder where one is named: the tests of real clusters build for themselves. */
const DIST = process.argv[2] ?? 'dist';

const metafile = await bundle(DIST);
await cp('src/commands/demo', `${DIST}/demo`, { recursive: true, filter: (path) => !path.endsWith('.ts') });
await writeFile(`${DIST}/THIRD-PARTY.txt`, await thirdParty(metafile));

/** A bundle hides its packages from image scanners; this list shows them again. */
async function thirdParty({ inputs }: Metafile): Promise<string> {
  const folders = new Set<string>();
  for (const path of Object.keys(inputs)) {
    const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
    if (folder !== undefined) folders.add(folder);
  }
  const lines = await Promise.all([...folders].map(describePackage));
  return `${lines.toSorted().join('\n')}\n`;
}

async function describePackage(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(`${folder}/package.json`, 'utf8')) as Record<string, unknown>;
  return [manifest['name'], manifest['version'], manifest['license']].map(String).join('  ');
}
