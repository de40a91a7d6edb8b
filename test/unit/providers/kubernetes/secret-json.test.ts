import { describe, expect, it } from 'vitest';
import type { SecretValue } from '../../../../src/secret-value.ts';
import { dataToJson, jsonToData, metadataToJson } from '../../../../src/providers/kubernetes/secret-json.ts';

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

function base64(bytes: Uint8Array | string): string {
  return Buffer.from(bytes).toString('base64');
}

describe('dataToJson', () => {
  it('writes text as JSON does, keys sorted byte by byte', () => {
    const json = dataToJson({ '9': base64('ü "<&>"\n'), '10': base64(''), a: base64('1') })?.exposeText();

    expect(json).toBe('{"10":"","9":"ü \\"<&>\\"\\n","a":"1"}');
  });

  it('keeps every byte on the way there and back, under any name', () => {
    const data: unknown = JSON.parse(`{"__proto__":"${base64(ALL_BYTES)}","x":"${base64('é')}"}`);

    const json = dataToJson(data);
    const back = json === undefined ? new Map<string, SecretValue>() : jsonToData(json);

    expect([...back.keys()]).toEqual(['__proto__', 'x']);
    expect(back.get('__proto__')?.expose()).toEqual(Buffer.from(ALL_BYTES));
    expect(back.get('x')?.exposeText()).toBe('é');
  });

  it.each([[[]], ['text'], [{ a: 1 }], [{ a: null }]])('knows that %j is no data', (data) => {
    expect(dataToJson(data)).toBeUndefined();
  });
});

describe('metadataToJson', () => {
  it('sorts keys, and has null for what is absent', () => {
    const json = metadataToJson({ labels: { b: '2', a: '1' }, uid: 'x' });

    expect(json.exposeText()).toBe('{"annotations":null,"labels":{"a":"1","b":"2"}}');
  });
});
