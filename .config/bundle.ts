import { rm, writeFile } from 'node:fs/promises';
import { build, type Metafile, type Plugin } from 'esbuild';

// Some dependencies are CommonJS and expect what ES modules do not have.
const BANNER = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __fileURLToPath } from 'node:url';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __fileURLToPath(import.meta.url);',
  "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
].join('');

/** What Fastify would load for schemas and for tests, of which there are none: see src/server/without-schemas.ts. */
const NEVER_LOADED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request'];

/**
 * Writes what runs into an emptied folder: one split ESM bundle, so that a process loads only the chunks of the
 * providers it uses. Resolves with what went into it.
 */
export async function bundle(directory: string, { plugins = [] }: { plugins?: Plugin[] } = {}): Promise<Metafile> {
  await rm(directory, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: ['src/main.ts'],
    outdir: directory,
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
    external: NEVER_LOADED,
    plugins,
    metafile: true,
    logLevel: 'warning',
  });
  await writeFile(`${directory}/package.json`, '{"type":"module"}\n');
  return metafile;
}
