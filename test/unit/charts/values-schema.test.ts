import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { CHART_DECIDES, valuesSchema } from '../../../charts/values-schema.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { parseConfig } from '../../../src/config.ts';
import { isMapping } from '../../../src/fields.ts';

interface Values {
  readonly config: { readonly identity: { readonly audiences: unknown } };
}

function readChart(name: string): string {
  return readFileSync(new URL(`../../../charts/latchkey/${name}`, import.meta.url), 'utf8');
}

function readValues(): Values {
  const values: Values = parse(readChart('values.yaml'));
  return values;
}

describe('valuesSchema', () => {
  it('is what the committed file holds (npm run generate writes it)', () => {
    expect(JSON.parse(readChart('values.schema.json'))).toEqual(valuesSchema());
  });

  it('describes every value of values.yaml and no other', () => {
    const described = Object.keys(propertiesOf(valuesSchema())).filter((name) => name !== 'global');

    expect(Object.keys(readValues()).sort()).toEqual(described.sort());
  });

  it.each(CHART_DECIDES.map((path) => path.join('.')))('refuses config.%s, which the chart decides', (path) => {
    const names = path.split('.');
    const name = names.pop() ?? '';

    const owner = ['config', ...names].reduce((schema: unknown, step) => propertiesOf(schema)[step], valuesSchema());

    expect(owner).toHaveProperty('additionalProperties', false);
    expect(propertiesOf(owner)).not.toHaveProperty([name]);
  });
});

describe('Chart.yaml', () => {
  it('installs the version of the program that it stands beside', () => {
    const chart: { readonly version: string; readonly appVersion: string } = parse(readChart('Chart.yaml'));

    expect([chart.version, chart.appVersion]).toEqual([packageJson.version, packageJson.version]);
  });
});

describe('values.yaml', () => {
  it('holds a configuration that the processes accept', () => {
    expect(() => parseConfig(stringify(readValues().config))).not.toThrow();
  });

  it('names the audiences that the processes use by default, because the token fence is rendered from it', () => {
    expect(readValues().config.identity.audiences).toEqual(parseConfig('').identity.audiences);
  });
});

function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> {
  const properties = isMapping(schema) ? schema['properties'] : undefined;
  if (!isMapping(properties)) throw new TypeError('no schema of an object');
  return properties;
}
