import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../../src/providers/gcpsm/crc32c.ts';

describe('crc32c', () => {
  // RFC 3720, B.4, and the check value of the algorithm's catalogue.
  it.each([
    ['nothing', Buffer.alloc(0), 0],
    ['"123456789"', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ])('is that of %s', (_name, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});
