import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnnotationSource, parseAnnotations } from '../../../src/references/parse-annotations.ts';
import { textOf } from './arbitrary-references.ts';

const REF = 'secretstore://aws/db';

describe('parseAnnotations', () => {
  it('gives one shared answer for objects without annotations for us', () => {
    const nothing = parseAnnotations([]);

    expect(parseAnnotations([pod({ 'example.com/a': 'b' }), { where: 'Job "x"', level: 'workload' }])).toBe(nothing);
    expect(nothing).toEqual({
      settings: { inject: true, env: [], envFrom: [], externalSecrets: [], where: {}, unserved: [] },
      problems: [],
      warnings: [],
    });
    expect(Object.isFrozen(nothing) && Object.isFrozen(nothing.settings) && Object.isFrozen(nothing.settings.env)).toBe(
      true,
    );
  });

  it('reads every setting', () => {
    const { settings, problems, warnings } = parseAnnotations([
      pod({
        'latchkey.dev/env.DB_PASSWORD': REF,
        'latchkey.dev/env-from': `${REF}?prefix=A_,\n  clustersecretstore://shared/b#x`,
        'latchkey.dev/external-secret': 'db, mail,db',
        'latchkey.dev/containers': 'api, worker,api',
        'latchkey.dev/store': 'cluster/shared',
        'latchkey.dev/delivery': 'gate',
        'latchkey.dev/files': '{a: b}',
        'latchkey.dev/refresh-interval': '1h',
        'latchkey.dev/inject': 'true',
      }),
    ]);

    expect([problems, warnings]).toEqual([[], []]);
    expect(settings).toEqual({
      inject: true,
      env: [expect.objectContaining({ name: 'DB_PASSWORD' })],
      envFrom: [
        {
          prefix: 'A_',
          reference: expect.objectContaining({ key: 'db' }),
          where: 'annotation latchkey.dev/env-from on Pod, entry 1',
        },
        {
          prefix: '',
          reference: expect.objectContaining({ key: 'b', property: 'x' }),
          where: 'annotation latchkey.dev/env-from on Pod, entry 2',
        },
      ],
      externalSecrets: [
        { name: 'db', where: 'annotation latchkey.dev/external-secret on Pod' },
        { name: 'mail', where: 'annotation latchkey.dev/external-secret on Pod' },
      ],
      containers: ['api', 'worker'],
      store: { kind: 'ClusterSecretStore', name: 'shared' },
      delivery: 'gate',
      where: {
        containers: 'annotation latchkey.dev/containers on Pod',
        store: 'annotation latchkey.dev/store on Pod',
        delivery: 'annotation latchkey.dev/delivery on Pod',
      },
      unserved: [
        { annotation: 'latchkey.dev/files', text: '{a: b}', where: 'annotation latchkey.dev/files on Pod' },
        {
          annotation: 'latchkey.dev/refresh-interval',
          text: '1h',
          where: 'annotation latchkey.dev/refresh-interval on Pod',
        },
      ],
    });
  });

  it('takes each setting from the nearest object that has it', () => {
    const { settings, problems } = parseAnnotations([
      pod({ 'latchkey.dev/containers': 'api' }),
      {
        where: 'Deployment "api"',
        level: 'workload',
        annotations: { 'latchkey.dev/containers': '!', 'latchkey.dev/env-from': REF },
      },
      { where: 'ServiceAccount "api"', level: 'serviceAccount', annotations: { 'latchkey.dev/store': 'aws' } },
      {
        where: 'Namespace "prod"',
        level: 'namespace',
        annotations: { 'latchkey.dev/store': '!', 'latchkey.dev/delivery': 'secret' },
      },
    ]);

    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      containers: ['api'],
      envFrom: [{ where: 'annotation latchkey.dev/env-from on Deployment "api", entry 1' }],
      store: { kind: 'SecretStore', name: 'aws' },
      delivery: 'secret',
      where: {
        store: 'annotation latchkey.dev/store on ServiceAccount "api"',
        delivery: 'annotation latchkey.dev/delivery on Namespace "prod"',
      },
    });
  });

  it('reads nothing else where a Pod is to be left alone', () => {
    const parsed = parseAnnotations([
      pod({ 'latchkey.dev/env': 'broken', 'latchkey.dev/evn': 'x' }),
      { where: 'Namespace "prod"', level: 'namespace', annotations: { 'latchkey.dev/inject': 'false' } },
    ]);

    expect(parsed).toEqual({
      settings: { inject: false, env: [], envFrom: [], externalSecrets: [], where: {}, unserved: [] },
      problems: [],
      warnings: [],
    });
  });

  it('lets a Pod come back where its namespace is left alone', () => {
    const { settings } = parseAnnotations([
      pod({ 'latchkey.dev/inject': 'true' }),
      { where: 'Namespace "prod"', level: 'namespace', annotations: { 'latchkey.dev/inject': 'false' } },
    ]);

    expect(settings.inject).toBe(true);
  });

  it.each<[name: string, text: string, problem: string]>([
    [
      'inject',
      'no',
      ': is neither true nor false. Write "false" to have the Pod left alone, or remove the annotation.',
    ],
    ['delivery', 'Secret', ': is no delivery. Write secret, gate, inline.'],
    ['store', '', ": is no store's name. Write NAME for a SecretStore, or cluster/NAME for a ClusterSecretStore."],
    ['store', 'Aws', ": is no store's name."],
    ['store', 'cluster/', ": is no store's name."],
    ['store', 'team/aws', ": is no store's name."],
    ['store', 'aws\n', ": is no store's name."],
    ['containers', 'api,', ': has an empty entry. Write entries with commas between, such as api, worker.'],
    ['containers', 'api worker', ': names something that is no container.'],
    ['external-secret', 'db mail', ': names something that is no ExternalSecret.'],
    ['external-secret', '', ': has an empty entry. Write entries with commas between, such as database, mail.'],
    ['containers', 'a,'.repeat(101), ': has more than 100 entries.'],
    ['env-from', '', ': has an empty entry. Write entries with commas between, such as secretstore://STORE/KEY.'],
    ['env-from', `${REF}, hunter2`, ', entry 2: this is no reference.'],
    ['env-from', `${REF}?default=hunter2`, ', entry 1: reference "secretstore://aws/db…" has a default, which'],
  ])('refuses %s: %.20j', (name, text, problem) => {
    const { problems } = parseAnnotations([pod({ [`latchkey.dev/${name}`]: text })]);

    expect(problems).toHaveLength(1);
    expect(problems[0]?.line).toContain(`annotation latchkey.dev/${name} on Pod${problem}`);
    expect(problems[0]?.line).not.toContain('hunter2');
  });

  it('reports problems of all annotations together', () => {
    const { problems } = parseAnnotations([
      pod({ 'latchkey.dev/store': '!', 'latchkey.dev/containers': '!', 'latchkey.dev/env.A': '!' }),
    ]);

    expect(problems.map(({ code }) => code)).toEqual([
      'ANNOTATION_INVALID',
      'ANNOTATION_INVALID',
      'ANNOTATION_INVALID',
    ]);
  });

  it('never throws, and reports coded problems only', () => {
    const name = fc.oneof(
      fc.constantFrom(
        'env',
        'env.A',
        'env.__proto__',
        'env-from',
        'containers',
        'store',
        'delivery',
        'inject',
        'constructor',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    const text = textOf([
      REF,
      '${',
      '}',
      ',',
      ' ',
      '\n',
      'A',
      ': ',
      '{',
      '[',
      '"',
      '&a ',
      '*a',
      '<<',
      '?',
      '- ',
      '!!',
      '#',
      '|',
    ]);
    const annotations = fc
      .array(
        fc.tuple(
          name.map((suffix) => `latchkey.dev/${suffix}`),
          fc.oneof(text, fc.anything()),
        ),
      )
      .map((entries) => Object.fromEntries(entries));
    const source = fc.record({
      where: fc.constant('X'),
      level: fc.constantFrom('pod', 'workload', 'serviceAccount', 'namespace'),
      annotations,
    }); // prettier-ignore

    fc.assert(
      fc.property(fc.array(source, { maxLength: 3 }), (sources) => {
        const { settings, problems } = parseAnnotations(sources);

        for (const { code } of problems) expect(['REF_INVALID', 'ANNOTATION_INVALID']).toContain(code);
        const names = settings.env.map((variable) => variable.name);
        expect(new Set(names).size).toBe(names.length);
      }),
      { numRuns: 500 },
    );
  });
});

function pod(annotations: Record<string, unknown>): AnnotationSource {
  return { where: 'Pod', level: 'pod', annotations };
}
