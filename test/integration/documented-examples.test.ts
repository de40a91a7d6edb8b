import { beforeAll, describe, expect, it } from 'vitest';
import { refusedExamples, servedExamples, STORES } from '../support/documented-examples.ts';
import { type Finished, runLatchkey } from '../support/run-latchkey.ts';

const served = servedExamples();
const refused = refusedExamples();
let answer: Finished;

describe('latchkey render, offline, with the fake stores of docs/examples', () => {
  beforeAll(async () => {
    const files = [STORES.fake, ...served.map(({ path }) => path), ...refused.map(({ path }) => path)];
    answer = await runLatchkey(['render', '-f', ...files]);
  });

  it.each(served)('prints what would run of $name', ({ name }) => {
    const decision = name === 'inject' ? 'unchanged' : 'patched';

    expect(answer.stdout).toContain(`# Deployment default/${name}: ${decision}\n`);
    expect(answer.stdout.includes(`# Secret of Deployment default/${name}\n`)).toBe(name !== 'inject');
  });

  it.each(refused)('refuses $name with the line that its comment shows', ({ name, refusal }) => {
    expect(answer.stderr.split('\n')).toContain(`Pod default/${name}: denied: ${refusal ?? 'no line'}`);
  });

  it('prints no value, and exits with 1 because some were refused', () => {
    expect(answer.stdout).toContain('[secret] 13 bytes');
    expect(answer.stdout + answer.stderr).not.toContain('correct-horse');
    expect(answer.code).toBe(1);
  });

  it('plans without asking anybody where the stores are of Vault', async () => {
    const { code, stdout, stderr } = await runLatchkey([
      'render',
      '-f',
      STORES.vault,
      ...served.map(({ path }) => path),
    ]);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/: patched, values not read \(vault\)\n/g)).toHaveLength(served.length - 1);
  });
});
