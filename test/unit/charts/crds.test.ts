import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema: { readonly openAPIV3Schema: unknown };
  readonly subresources: unknown;
}

interface Definition {
  readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
  readonly spec: {
    readonly names: { readonly plural: string };
    readonly conversion: { readonly strategy: string };
    readonly versions: readonly Version[];
  };
}

function readDefinition(file: string): Definition {
  const path = new URL(`../../../charts/latchkey/files/crds/${file}.yaml`, import.meta.url);
  const definition: Definition = parse(readFileSync(path, 'utf8'));
  return definition;
}

describe.each(['secretstore', 'clustersecretstore', 'externalsecret', 'clusterexternalsecret'])(
  'files/crds/%s.yaml',
  (file) => {
    const { metadata, spec } = readDefinition(file);

    it('serves v1, which is stored, and v1beta1', () => {
      const versions = spec.versions.map(({ name, served, storage }) => ({ name, served, storage }));

      expect(versions).toEqual([
        { name: 'v1', served: true, storage: true },
        { name: 'v1beta1', served: true, storage: false },
      ]);
    });

    it('needs no conversion, because both versions have one schema and a status of their own', () => {
      const [first, second] = spec.versions;

      expect(spec.conversion.strategy).toBe('None');
      expect(second?.schema).toEqual(first?.schema);
      expect(spec.versions.map(({ subresources }) => subresources)).toEqual([{ status: {} }, { status: {} }]);
    });

    it('carries the label by which the chart knows that it brought it', () => {
      expect(metadata.labels['app.kubernetes.io/part-of']).toBe('latchkey');
      expect(metadata.name).toBe(`${spec.names.plural}.external-secrets.io`);
    });

    it('defaults nothing in the cluster, which GitOps tools would see as a change', () => {
      expect(JSON.stringify(spec.versions)).not.toContain('"default"');
    });
  },
);

describe.each(['secretstore', 'clustersecretstore'])('files/crds/%s.yaml', (file) => {
  it('takes one provider of any name, with any settings', () => {
    const schema = readDefinition(file).spec.versions[0]?.schema.openAPIV3Schema;

    expect(schema).toHaveProperty('properties.spec.properties.provider', {
      type: 'object',
      description: expect.any(String),
      minProperties: 1,
      maxProperties: 1,
      'x-kubernetes-preserve-unknown-fields': true,
    });
  });
});
