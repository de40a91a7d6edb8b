import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { selectMetadata } from '../../../src/resolve/select-metadata.ts';
import { SecretValue } from '../../../src/secret-value.ts';

const LABELS = '{"annotations":{"note":"n"},"labels":{"app.kubernetes.io/name":"db","team":"a"}}';
const TAGS = '{"owner":"team-a","cost.center":"42","json":"{\\"a\\":{\\"b\\":1},\\"c.d\\":2}","deep":{"x":{"y":"z"}}}';

describe('selecting in metadata', () => {
  it.each([
    [LABELS, 'labels.team', 'a'],
    [LABELS, 'labels.app.kubernetes.io/name', 'db'],
    [LABELS, 'annotations.note', 'n'],
    [LABELS, 'annotations', '{"note":"n"}'],
    [TAGS, 'owner', 'team-a'],
    [TAGS, 'cost.center', '42'],
    [TAGS, 'json.a.b', '1'],
    [TAGS, 'json.c.d', '2'],
    [TAGS, 'deep.x.y', 'z'],
    [TAGS, '@this.owner', 'team-a'],
  ])('finds in %s by %s', (document, property, expected) => {
    const value = selectMetadata(SecretValue.fromText(document), property, { key: 'k' });

    expect(value.exposeText()).toBe(expected);
  });

  it.each(['labels.tema', 'labels.app', 'label', 'annotations.note.x', ''])('finds nothing by %j', (property) => {
    expect(() => selectMetadata(SecretValue.fromText(LABELS), property, { key: 'k' })).toThrow(LatchkeyError);
  });
});
