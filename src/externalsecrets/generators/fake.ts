import { SecretValue } from '../../secret-value.ts';
import type { Generator } from './generator.ts';

/** Always the same values, which stand in it. */
export const fake: Generator = {
  kind: 'Fake',

  generate(spec) {
    const texts = Object.entries(spec.textMap('data'));
    return new Map(texts.map(([key, text]) => [key, SecretValue.fromText(text)]));
  },
};
