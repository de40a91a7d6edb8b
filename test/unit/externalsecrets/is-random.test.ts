import { describe, expect, it } from 'vitest';
import { isRandom } from '../../../src/externalsecrets/is-random.ts';
import { aReadDefinition } from '../../support/a-definition.ts';

function withTemplate(text: string) {
  return aReadDefinition({ spec: { target: { template: { data: { key: text } } } } });
}

describe('isRandom', () => {
  it.each([
    ['{{ randAlphaNum 12 }}'],
    ['{{ .a | htpasswd "u" }}'],
    ['{{ genPrivateKey "rsa" }}'],
    ['{{ $ca := genCA "ca" 365 }}{{ $ca.Cert }}'],
    ['{{ uuidv4 }}'],
    ['{{ now | date "2006" }}'],
    ['{{ fullPemToPkcs12Pass .a .b "x" }}'],
  ])('is true of a template with %s', (text) => {
    expect(isRandom(withTemplate(text))).toBe(true);
  });

  it.each([['{{ .a | upper }}'], ['{{ .randomly }}'], ['plain text, now'], ['{{ filterPEM "CERTIFICATE" .a }}']])(
    'is false of %s',
    (text) => {
      expect(isRandom(withTemplate(text))).toBe(false);
    },
  );

  it('is true of a literal template, a transform and a generator', () => {
    const templates = { target: { template: { templateFrom: [{ literal: 'k: {{ randNumeric 4 }}' }] } } };
    const rewrite = [{ transform: { template: '{{ shuffle .value }}' } }];
    const generatorRef = { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'Password', name: 'p' };

    const definitions = [
      templates,
      { dataFrom: [{ extract: { key: 'db' }, rewrite }] },
      { dataFrom: [{ sourceRef: { generatorRef } }] },
    ].map((spec) => aReadDefinition({ spec }));

    expect(definitions.map(isRandom)).toEqual([true, true, true]);
    expect(isRandom(aReadDefinition())).toBe(false);
  });
});
