import { describe, expect, it } from 'vitest';
import { parseVariables } from '../../../src/references/parse-variables.ts';
import type { Findings } from '../../../src/references/read-own-annotations.ts';
import type { Reference } from '../../../src/references/reference.ts';

const db: Reference = { store: { kind: 'SecretStore', name: 'aws' }, key: 'db', decode: 'none', optional: false };
const REF = 'secretstore://aws/db';

describe('parseVariables', () => {
  it('reads single variables and mappings, with their addresses', () => {
    const { variables } = parse({
      Pod: { 'env.A': REF, env: `B: x\${${REF}}\nC: $(A)\${${REF}}\n` },
    });

    expect(variables).toStrictEqual([
      {
        name: 'B',
        value: { kind: 'secret', template: ['x', db] },
        where: 'annotation latchkey.dev/env on Pod, variable B',
      },
      {
        name: 'C',
        value: { kind: 'helpers', parts: ['$(A)', { template: [db] }] },
        where: 'annotation latchkey.dev/env on Pod, variable C',
      },
      { name: 'A', value: { kind: 'secret', template: [db] }, where: 'annotation latchkey.dev/env.A on Pod' },
    ]);
  });

  it('takes each variable from the nearest object, in whichever form it stands there', () => {
    const { variables, problems } = parse({
      Pod: { env: `A: ${REF}#pod` },
      'Deployment "api"': { 'env.A': 'broken', env: `B: ${REF}#workload` },
    });

    expect(problems).toEqual([]);
    expect(variables.map(({ where }) => where)).toEqual([
      'annotation latchkey.dev/env on Pod, variable A',
      'annotation latchkey.dev/env on Deployment "api", variable B',
    ]);
  });

  it('does not fall back to the workload where the Pod is wrong', () => {
    const { variables, problems } = parse({ Pod: { 'env.A': 'text' }, 'Job "x"': { 'env.A': REF } });

    expect(variables).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  it('reports every mistake at once, without quoting what it does not understand', () => {
    const { problems } = parse({
      Pod: {
        env: `{A: hunter2, "hunter2?": ${REF}, B: 5, D: ${REF}, __proto__: ${REF}}`,
        'env.C': 'secretstore://aws',
        'env.D': REF,
        'env.1X': REF,
        'env.': REF,
        'env.E': '$${secretstore://aws/db}',
        'env.F': '$(X)$${secretstore://aws/db}',
      },
      'Deployment "api"': { env: 'hunter2: [' },
    });

    expect(problems).toEqual([
      'annotation latchkey.dev/env on Pod, entry 3: has a value that is no text. Write a reference, in quotes where YAML needs them. [ANNOTATION_INVALID]',
      'annotation latchkey.dev/env.D on Pod: adds a variable that latchkey.dev/env adds too. Keep one of them. [ANNOTATION_INVALID]',
      "annotation latchkey.dev/env on Pod, variable A: holds no reference. Write secretstore://STORE/KEY, or put plain text into the container's env. [ANNOTATION_INVALID]",
      'annotation latchkey.dev/env on Pod, entry 2: has a name that no variable can have. Use letters, digits, _, - and ., not beginning with a digit. [ANNOTATION_INVALID]',
      'annotation latchkey.dev/env.C on Pod: reference "secretstore://aws" names a store but no key. Write secretstore://STORE/KEY or secretstore://STORE/KEY#PROPERTY, with secretstore:///KEY for the default store. [REF_INVALID]',
      'annotation latchkey.dev/env.1X on Pod: has a name that no variable can have. Use letters, digits, _, - and ., not beginning with a digit. [ANNOTATION_INVALID]',
      'annotation latchkey.dev/env. on Pod: has a name that no variable can have. Use letters, digits, _, - and ., not beginning with a digit. [ANNOTATION_INVALID]',
      "annotation latchkey.dev/env.E on Pod: holds no reference. Write secretstore://STORE/KEY, or put plain text into the container's env. [ANNOTATION_INVALID]",
      "annotation latchkey.dev/env.F on Pod: holds no reference. Write secretstore://STORE/KEY, or put plain text into the container's env. [ANNOTATION_INVALID]",
      'annotation latchkey.dev/env on Deployment "api": is no valid YAML at line 1, column 11. Correct it; write NAME: REF, one a line. [ANNOTATION_INVALID]',
    ]);
  });

  it('bounds the annotations of one object', () => {
    const names = Array.from({ length: 600 }, (_, index) => `env.V${index}`);

    const { variables, problems } = parse({ Pod: Object.fromEntries(names.map((name) => [name, REF])) });

    expect(variables).toHaveLength(500);
    expect(problems).toEqual([
      'annotation latchkey.dev/env.V500 on Pod: is one of more than 500 such annotations. Remove some. [ANNOTATION_INVALID]',
    ]);
  });
});

function parse(objects: Record<string, Record<string, string>>) {
  const findings: Findings = { problems: [], warnings: [] };
  const own = Object.entries(objects).map(([where, annotations]) => ({
    where,
    texts: new Map(Object.entries(annotations).map(([name, text]) => [`latchkey.dev/${name}`, text])),
  }));
  const variables = parseVariables(own, findings);
  return { variables, problems: findings.problems.map(({ line }) => line) };
}
