import { describe, expect, it } from 'vitest';
import { ipAddressText, parseIpAddress } from '../../../../src/template/crypto/ip-address.ts';

const raw = (hex: string) => Buffer.from(hex, 'hex').toString('latin1');

describe('IP addresses', () => {
  it.each([
    ['192.168.1.10', 'c0a8010a', '192.168.1.10'],
    ['0.0.0.0', '00000000', '0.0.0.0'],
    ['::', '00000000000000000000000000000000', '::'],
    ['2001:DB8:0:0:1:0:0:1', '20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000', '1:2:3:4:5:6:7:0'],
    ['::ffff:1.2.3.4', '01020304', '1.2.3.4'],
    ['64:ff9b::1.2.3.4', '0064ff9b000000000000000001020304', '64:ff9b::102:304'],
  ])('%s has the bytes %s and is printed as %s', (text, hex, printed) => {
    expect(parseIpAddress(text)).toBe(raw(hex));
    expect(ipAddressText(raw(hex))).toBe(printed);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '0x1.2.3.4',
    '1',
    'fe80::1%eth0',
    ':::',
    '1:2:3',
    '::1]@x/[::',
    'a.example',
  ])('takes %j for no address', (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });

  it('prints what is no address in hexadecimal', () => {
    expect(ipAddressText('\x01\x02')).toBe('?0102');
  });
});
