import { describe, expect, it } from 'vitest';
import type { AnnotationSource } from '../../../src/references/annotation-source.ts';
import { type Findings, readOwnAnnotations } from '../../../src/references/read-own-annotations.ts';

describe('readOwnAnnotations', () => {
  it.each([[undefined], [{}], [{ 'example.com/env': 'x', 'a.latchkey.dev/env': 'x', 'latchkey.dev': 'x' }]])(
    'finds nothing for us in %j',
    (annotations) => {
      expect(read('pod', annotations)).toEqual({ own: undefined, problems: [], warnings: [] });
    },
  );

  it('keeps what is known', () => {
    const annotations = { 'latchkey.dev/env.A': 'x', 'latchkey.dev/store': 'aws', 'example.com/a': 'y' };

    expect(read('pod', annotations)).toEqual({
      own: {
        where: 'X',
        texts: new Map([
          ['latchkey.dev/env.A', 'x'],
          ['latchkey.dev/store', 'aws'],
        ]),
      },
      problems: [],
      warnings: [],
    }); // prettier-ignore
  });

  it.each(['latchkey.dev/plan', 'latchkey.dev/injected', 'latchkey.dev/refused-at'])(
    'passes over our mark %s',
    (key) => {
      expect(read('pod', { [key]: 'x' })).toEqual({ own: undefined, problems: [], warnings: [] });
    },
  );

  it.each<[level: AnnotationSource['level'], key: string, warning: string]>([
    ['pod', 'evn', 'annotation latchkey.dev/evn on X is unknown and has no effect; did you mean latchkey.dev/env?'],
    ['pod', 'role', 'annotation latchkey.dev/role on X is unknown and has no effect'],
    ['pod', '__proto__', 'annotation latchkey.dev/__proto__ on X is unknown and has no effect'],
    ['pod', 'pods', 'annotation latchkey.dev/pods on X has no effect: it belongs on a ClusterSecretStore'],
    ['workload', 'adopt', 'annotation latchkey.dev/adopt on X has no effect: it belongs on a Secret'],
    [
      'namespace',
      'env',
      'annotation latchkey.dev/env on X has no effect: it belongs on a Pod or the workload above it',
    ],
    [
      'serviceAccount',
      'env.A',
      'annotation latchkey.dev/env.A on X has no effect: it belongs on a Pod or the workload above it',
    ],
  ])('warns on a %s about %s', (level, name, warning) => {
    expect(read(level, { [`latchkey.dev/${name}`]: 'x' })).toEqual({
      own: undefined,
      problems: [],
      warnings: [warning],
    });
  });

  it.each(['store', 'delivery', 'refresh-interval', 'restart-on-change', 'inject'])(
    'takes %s from a namespace too',
    (name) => {
      expect(read('namespace', { [`latchkey.dev/${name}`]: 'x' }).own?.texts.size).toBe(1);
    },
  );

  it.each<[value: unknown, problem: string]>([
    [7, 'annotation latchkey.dev/store on X: is no text. Put the value in quotes. [ANNOTATION_INVALID]'],
    [null, 'annotation latchkey.dev/store on X: is no text. Put the value in quotes. [ANNOTATION_INVALID]'],
    [
      'x'.repeat(65_537),
      'annotation latchkey.dev/store on X: is longer than 65536 characters. Divide it, or use latchkey.dev/env-from. [ANNOTATION_INVALID]',
    ],
  ])('refuses the value %.20j', (value, problem) => {
    expect(read('pod', { 'latchkey.dev/store': value }).problems).toEqual([problem]);
  });

  it('bounds warnings in number and length', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => `latchkey.dev/${'x'.repeat(1000)}${index}`);

    const { warnings } = read('pod', Object.fromEntries(keys.map((key) => [key, 'x'])));

    expect(warnings).toHaveLength(20);
    expect(Math.max(...warnings.map(({ length }) => length))).toBeLessThan(150);
  });
});

function read(level: AnnotationSource['level'], annotations: AnnotationSource['annotations']) {
  const findings: Findings = { problems: [], warnings: [] };
  const own = readOwnAnnotations({ where: 'X', level, annotations }, findings);
  return { own, problems: findings.problems.map(({ line }) => line), warnings: findings.warnings };
}
