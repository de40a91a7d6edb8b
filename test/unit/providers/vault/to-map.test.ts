import { describe, expect, it } from 'vitest';
import { toMap } from '../../../../src/providers/vault/to-map.ts';
import { SecretValue } from '../../../../src/secret-value.ts';

describe('toMap', () => {
  it("converts members as External Secrets' Vault does", () => {
    const value = SecretValue.fromText(
      '{"text":"a b","big":12345678901234567890,"float":1.50,"huge":1e21,"yes":true,"none":null,"list":["a",1],"object":{"z":"<","a":1}}',
    );

    const map = toMap(value);

    expect(Object.fromEntries([...map].map(([name, member]) => [name, member.exposeText()]))).toEqual({
      text: 'a b',
      big: '12345678901234567890',
      float: '1.5',
      huge: '1000000000000000000000',
      yes: 'true',
      none: '',
      list: '["a",1]',
      object: String.raw`{"a":1,"z":"\u003c"}`,
    });
  });

  it.each(['hunter2', '["hunter2"]', '{"hunter2"', '7'])('refuses %j without repeating it', (text) => {
    let thrown: unknown;
    try {
      toMap(SecretValue.fromText(text));
    } catch (error) {
      thrown = error;
    }

    expect(thrown).toMatchObject({ code: 'VALUE_INVALID', message: 'the value is no JSON object', cause: undefined });
  });
});
