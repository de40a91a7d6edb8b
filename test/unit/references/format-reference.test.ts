import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReference } from '../../../src/references/format-reference.ts';
import { parseReference } from '../../../src/references/parse-reference.ts';
import { parseValue } from '../../../src/references/parse-template.ts';
import { arbitraryReference } from './arbitrary-references.ts';

describe('formatReference', () => {
  it.each<[written: string, canonical: string]>([
    ['secretstore:///db', 'secretstore:///db'],
    ['secretstore://aws//ssm/db', 'secretstore://aws//ssm/db'],
    ['clustersecretstore://aws/a%2Fb', 'clustersecretstore://aws/a/b'],
    ['secretstore://aws/arn:aws:x', 'secretstore://aws/arn:aws:x'],
    ['secretstore://aws/grüße', 'secretstore://aws/gr%C3%BC%C3%9Fe'],
    ['secretstore://aws/db?decode=none&optional=false', 'secretstore://aws/db'],
    [
      'secretstore://aws/db?default=a%20b&optional=true&decode=auto&version=3#p',
      'secretstore://aws/db?version=3&decode=auto&optional&default=a%20b#p',
    ],
    ['secretstore://aws/db#{a,b}', 'secretstore://aws/db#%7Ba%2Cb%7D'],
    ['secretstore://aws/db#a.#(b=="c")', 'secretstore://aws/db#a.%23(b==%22c%22)'],
    ['secretstore://aws/%24(A)', 'secretstore://aws/%24(A)'],
    ['secretstore://aws/%252F', 'secretstore://aws/%252F'],
  ])('writes %s as %s', (written, canonical) => {
    expect(formatReference(parseReference(written))).toBe(canonical);
  });

  it('writes printable ASCII that is safe in annotations, lists and ${…}', () => {
    fc.assert(
      fc.property(arbitraryReference, (reference) => {
        const text = formatReference(reference);

        expect(text).toMatch(/^[!-~]+$/);
        expect(text).not.toMatch(/[,{}$]/);
        expect(parseValue(`a\${${text}}b`)).toStrictEqual({ kind: 'secret', template: ['a', reference, 'b'] });
      }),
    );
  });

  it('writes the same text for what it wrote itself', () => {
    fc.assert(
      fc.property(arbitraryReference, (reference) => {
        const once = formatReference(reference);

        expect(formatReference(parseReference(once))).toBe(once);
      }),
    );
  });

  it('writes a key that is no valid Unicode text, as a dialect may have one', () => {
    const reference = { store: { kind: 'default' }, key: 'a\uD800', decode: 'none', optional: false } as const;

    expect(formatReference(reference)).toBe('secretstore:///a%EF%BF%BD');
  });
});
