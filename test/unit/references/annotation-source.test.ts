import { describe, expect, it } from 'vitest';
import { ownAnnotations } from '../../../src/references/annotation-source.ts';

describe('ownAnnotations', () => {
  it('keeps what begins with our prefix', () => {
    const own = ownAnnotations({ 'latchkey.dev/store': 'aws', 'x.latchkey.dev/store': 'b', 'example.com/a': 'c' });

    expect(own).toStrictEqual({ 'latchkey.dev/store': 'aws' });
  });

  it.each([[undefined], [{}], [{ 'example.com/latchkey.dev/env': 'x' }]])('keeps nothing of %j', (annotations) => {
    expect(ownAnnotations(annotations)).toBeUndefined();
  });
});
