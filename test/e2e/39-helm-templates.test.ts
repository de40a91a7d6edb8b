import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { buildPlane } from '../plane/build.ts';
import { askHelm, type SprigAnswer } from '../plane/sprig-answers.ts';

const CORPUS = new URL('../unit/template/corpus/', import.meta.url);

const files = await readdir(CORPUS);

describe('what the unit tests take for the answers of Helm', () => {
  it.each(files)('%s is what the Helm binary says', async (name) => {
    const built = await buildPlane();
    if (!built.ok) throw new Error(built.reason);
    const answers = JSON.parse(await readFile(new URL(name, CORPUS), 'utf8')) as readonly SprigAnswer[];

    const asked = await askHelm(
      built.parts.helm,
      answers.map(({ expression }) => expression),
    );

    expect(asked).toEqual(answers);
  });
});
