import { generate } from 'selfsigned';
import { beforeAll, describe, expect, it } from 'vitest';
import { Fields } from '../../../src/fields.ts';
import { caBundlesOf, loadCa, readCaSource, toPem } from '../../../src/providers/certificates.ts';
import { CALL } from '../../contract/stage.ts';
import { testIdentity } from '../../support/test-identity.ts';

const CONFIG_MAP = { kind: 'ConfigMap', namespace: 'ops', name: 'ca', key: 'ca.crt' } as const;
let pem = '';

beforeAll(async () => {
  const { cert } = await generate([{ name: 'commonName', value: 'ca' }], { keyType: 'ec', algorithm: 'sha256' });
  pem = cert.trim();
});

function read(block: object) {
  const fields = Fields.of(block, 'store');
  return { source: readCaSource(fields), problems: fields.problems };
}

describe('readCaSource', () => {
  it('reads where the authority lies', () => {
    const { source } = read({ caProvider: { type: 'ConfigMap', namespace: 'ops', name: 'ca' } });

    expect(source).toEqual(CONFIG_MAP);
    expect(caBundlesOf(source)).toEqual([CONFIG_MAP]);
  });

  it('prefers one that stands in the store, in PEM or in base64', () => {
    const caProvider = { type: 'ConfigMap', name: 'ca' };

    const sources = [pem, btoa(pem)].map((caBundle) => read({ caBundle, caProvider }).source);

    expect(sources).toEqual([pem, pem]);
    expect(caBundlesOf(pem)).toEqual([]);
  });

  it('reports what is no certificate', () => {
    const broken = pem.replace(/\n.{20}/, '\n');

    expect(read({ caBundle: broken }).problems.map(({ path }) => path)).toEqual(['store.caBundle']);
    expect(toPem('')).toBeUndefined();
  });
});

describe('loadCa', () => {
  it('reads a bundle by name', async () => {
    const identity = testIdentity({ credentials: { 'ConfigMap/ops/ca/ca.crt': `# comment\n${pem}\n` } });

    expect(await loadCa(CONFIG_MAP, identity, CALL)).toBe(pem);
    expect(await loadCa(undefined, identity, CALL)).toBeUndefined();
  });

  it('refuses one without certificates', async () => {
    const identity = testIdentity({ credentials: { 'ConfigMap/ops/ca/ca.crt': 'nothing' } });

    await expect(loadCa(CONFIG_MAP, identity, CALL)).rejects.toMatchObject({
      code: 'STORE_INVALID',
      message: 'the key ca.crt of ConfigMap ca holds no PEM certificates',
    });
  });
});
