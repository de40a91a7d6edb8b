import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPlane } from './build.ts';
import { runCommand } from './run-command.ts';
import { SPRIG_EXPRESSIONS } from './sprig-expressions.ts';

// `node test/plane/sprig-answers.ts` asks Helm again and writes what the unit tests compare with: answers to the list of
// sprig-expressions.ts, and to the expressions that stand in the corpus' other files.

const CORPUS = new URL('../unit/template/corpus/', import.meta.url);
const LISTED = 'sprig-a.json';
const AT_ONCE = 2;

/** What the text of an expression is; Helm's sprig is External Secrets' as well. */
export type SprigAnswer =
  | { readonly expression: string; readonly text: string }
  | { readonly expression: string; readonly error: true };

/** Renders each expression in a chart of its own: one that fails would take the others with it. */
export async function askHelm(helm: string, expressions: readonly string[]): Promise<readonly SprigAnswer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sprig-answers-'));
  try {
    const answers: SprigAnswer[] = [];
    for (let at = 0; at < expressions.length; at += AT_ONCE) {
      const some = expressions.slice(at, at + AT_ONCE);
      answers.push(
        ...(await Promise.all(
          some.map((expression, index) => askOne(helm, expression, join(folder, `chart-${index}`))),
        )),
      );
    }
    return answers;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function askOne(helm: string, expression: string, chart: string): Promise<SprigAnswer> {
  await mkdir(join(chart, 'templates'), { recursive: true });
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: answers\nversion: 1.0.0\n');
  // In base64: YAML has no say in it.
  const answer = `answer: "{{ (${expression}) | toString | b64enc }}"\n`;
  await writeFile(join(chart, 'templates', 'answer.yaml'), answer);
  const { code, stdout } = await runCommand(helm, ['template', chart], {
    env: { ...process.env, TZ: 'UTC' },
    allowFailure: true,
  });
  if (code !== 0) return { expression, error: true };
  const [, encoded = ''] = /^answer: "(.*)"$/m.exec(stdout) ?? [];
  return { expression, text: Buffer.from(encoded, 'base64').toString('utf8') };
}

async function main(): Promise<void> {
  const built = await buildPlane();
  if (!built.ok) throw new Error(built.reason);
  for (const name of await readdir(CORPUS)) {
    const file = new URL(name, CORPUS);
    const answers = await askHelm(built.parts.helm, name === LISTED ? SPRIG_EXPRESSIONS : await readExpressions(file));
    const lines = answers.map((answer) => `  ${JSON.stringify(answer)}`);
    await writeFile(file, `[\n${lines.join(',\n')}\n]\n`);
  }
}

async function readExpressions(file: URL): Promise<readonly string[]> {
  const answers = JSON.parse(await readFile(file, 'utf8')) as readonly SprigAnswer[];
  return answers.map((answer) => answer.expression);
}

if (import.meta.main) await main();
