// Builds dist/: one split ESM bundle, so that a process loads only the chunks of the providers it uses.
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { build, type Metafile } from 'esbuild';

/** Another folder where one is named: the benchmark builds for itself. */
const DIST = process.argv[2] ?? 'dist';

// Some dependencies are CommonJS and expect what ES modules do not have.
const BANNER = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __fileURLToPath } from 'node:url';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __fileURLToPath(import.meta.url);',
  "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
].join('');

await rm(DIST, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ['src/main.ts'],
  outdir: DIST,
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  banner: { js: BANNER },
  metafile: true,
  logLevel: 'warning',
});
await cp('src/commands/demo', `${DIST}/demo`, { recursive: true, filter: (path) => !path.endsWith('.ts') });
await writeFile(`${DIST}/package.json`, '{"type":"module"}\n');
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
