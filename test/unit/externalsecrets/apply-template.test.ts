import { describe, expect, it } from 'vitest';
import { produceScene, textsOf } from '../../support/produce-scene.ts';

const SECRETS = { db: '{"user":"app","password":"hunter2"}' };
const OBJECTS = {
  'ConfigMap/cm/url': 'pg://{{ .user }}',
  'ConfigMap/cm/pairs': '{{ .user }}: 5432\nshared: map',
  'Secret/s/url': 'secret {{ .user }}',
};
const FETCH = 'dataFrom: [{extract: {key: db}}]\n';

function scene() {
  return produceScene({ secrets: SECRETS, objects: OBJECTS });
}

/** The spec with that template (YAML). */
function withTemplate(template: string): string {
  return `${FETCH}target: {template: ${template}}`;
}

describe('a Secret without a template', () => {
  it('has the data and the definition’s own labels and annotations', async () => {
    const { produce } = scene();

    const produced = await produce(FETCH, {
      labels: { team: 'a' },
      annotations: { note: 'n', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    });

    expect(textsOf(produced)).toEqual({ user: 'app', password: 'hunter2' });
    expect(produced).toMatchObject({
      type: undefined,
      labels: { team: 'a' },
      annotations: { note: 'n' },
      finalizers: [],
      isEmpty: false,
      missing: [],
    });
    expect(Object.keys(produced.annotations)).toEqual(['note']);
  });
});

describe('the template engine', () => {
  it.each([
    ['no template', FETCH, 0],
    ['a rewrite by regexp', 'dataFrom: [{extract: {key: db}, rewrite: [{regexp: {source: a, target: b}}]}]', 0],
    [
      'a rewrite by template',
      'dataFrom: [{extract: {key: db}, rewrite: [{transform: {template: "x{{ .value }}"}}]}]',
      1,
    ],
    ['a template', withTemplate('{data: {a: b}}'), 1],
  ])('is loaded only where it is needed: %s', async (_, spec, expected) => {
    const { produce, engines } = scene();

    await produce(spec);

    expect(engines()).toBe(expected);
  });
});

describe('a Secret with a template', () => {
  it('has what the template says, and nothing of the definition’s metadata', async () => {
    const { produce } = scene();
    const template =
      '{type: example.com/x, data: {url: "pg://{{ .user }}:{{ .password }}@db"}, metadata: {labels: {user: "{{ .user }}"}, annotations: {a: "b"}, finalizers: [e/f]}}';

    const produced = await produce(withTemplate(template), { labels: { team: 'a' }, annotations: { note: 'n' } });

    expect(textsOf(produced)).toEqual({ url: 'pg://app:hunter2@db' });
    expect(produced.type).toBe('example.com/x');
    expect(produced.labels).toEqual({ user: 'app' });
    expect(produced.annotations).toEqual({ a: 'b' });
    expect(produced.finalizers).toEqual(['e/f']);
  });

  it.each([
    [
      'keeps the data with mergePolicy Merge',
      '{mergePolicy: Merge, data: {user: "x{{ .user }}"}}',
      { user: 'xapp', password: 'hunter2' },
    ],
    ['keeps the data where it says nothing of data', '{type: Opaque}', { user: 'app', password: 'hunter2' }],
    ['drops the data where it has any templateFrom', '{templateFrom: [{literal: "a: b", target: Labels}]}', {}],
    [
      'reads a ConfigMap’s key as a value',
      '{templateFrom: [{configMap: {name: cm, items: [{key: url}]}}]}',
      { url: 'pg://app' },
    ],
    [
      'reads a ConfigMap’s key as names and values',
      '{templateFrom: [{configMap: {name: cm, items: [{key: pairs, templateAs: KeysAndValues}]}}]}',
      { app: '5432', shared: 'map' },
    ],
    ['reads a literal as names and values', '{templateFrom: [{literal: "{{ .user }}: yes"}]}', { app: 'true' }],
    [
      'lets a Secret win over a ConfigMap, and a literal over both, in one entry',
      '{templateFrom: [{literal: "shared: literal", secret: {name: s, items: [{key: url}]}, configMap: {name: cm, items: [{key: url}, {key: pairs, templateAs: KeysAndValues}]}}]}',
      { url: 'secret app', app: '5432', shared: 'literal' },
    ],
    [
      'lets later entries win over earlier ones, and data over all',
      '{data: {c: data}, templateFrom: [{literal: "{a: first, b: first, c: first}"}, {literal: "{b: second, c: second}"}]}',
      { a: 'first', b: 'second', c: 'data' },
    ],
    ['decodes what it rendered', '{templateFrom: [{literal: "a: aGk=", valuesDecodingStrategy: Base64}]}', { a: 'hi' }],
  ])('%s', async (_, template, expected) => {
    const { dataOf } = scene();

    const data = await dataOf(withTemplate(template));

    expect(data).toEqual(expected);
  });

  it('makes labels and annotations of templateFrom, and its own metadata wins over them', async () => {
    const { produce } = scene();
    const template =
      '{metadata: {labels: {a: own}}, templateFrom: [{literal: "{a: from, b: 1}", target: labels}, {literal: "c: {{ .user }}", target: ANNOTATIONS}]}';

    const produced = await produce(withTemplate(template));

    expect(produced.labels).toEqual({ a: 'own', b: '1' });
    expect(produced.annotations).toEqual({ c: 'app' });
  });

  it('is rendered over nothing where deletionPolicy Merge keeps the Secret', async () => {
    const { produce } = scene();

    const produced = await produce(
      'target: {deletionPolicy: Merge, template: {data: {a: fixed}}}\ndataFrom: [{extract: {key: gone}}]',
    );

    expect(textsOf(produced)).toEqual({ a: 'fixed' });
    expect(produced.isEmpty).toBe(true);
  });

  it.each([
    [
      'a name that was not fetched',
      '{data: {url: "{{ .host }}"}}',
      'spec.target.template.data.url: map has no entry for key "host". Correct the template. [TEMPLATE_FAILED]',
    ],
    [
      'a label',
      '{metadata: {labels: {x: "{{ .host }}"}}}',
      'spec.target.template.metadata.labels.x: map has no entry for key "host". Correct the template. [TEMPLATE_FAILED]',
    ],
    [
      'several templates, counted',
      '{data: {a: "{{ .x }}", b: "{{ .y }}", c: "fine"}}',
      'spec.target.template.data.a: map has no entry for key "x" (one other place fails too). Correct the template. [TEMPLATE_FAILED]',
    ],
    [
      'a document that is no mapping',
      '{templateFrom: [{literal: "- {{ .password }}"}]}',
      'spec.target.template.templateFrom[0].literal: what the template renders is no YAML mapping of names to values. Correct the template; put values that may hold anything through | quote or | toJson. [TEMPLATE_FAILED]',
    ],
    [
      'an object that is not there',
      '{templateFrom: [{literal: "a: b"}, {configMap: {name: none, items: [{key: k}]}}]}',
      'spec.target.template.templateFrom[1].configMap, key "k": ConfigMap none does not exist. [STORE_CREDENTIAL_UNREADABLE]',
    ],
    [
      'a key that no Secret may have',
      '{data: {"a/b": x}}',
      `a Secret cannot have the key "a/b". Use letters a-z, digits, '-', '.' and '_'; rewrite and template can change keys. [VALUE_INVALID]`,
    ],
  ])('says what fails: %s', async (_, template, expected) => {
    const { lineOf } = scene();

    const line = await lineOf(withTemplate(template));

    expect(line).toBe(expected);
    expect(line).not.toContain('hunter2');
  });
});
