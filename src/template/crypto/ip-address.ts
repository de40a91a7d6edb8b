const IPV4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;
const IPV6 = /^[\da-f:.]+$/i;
const MAPPED_IPV4 = `${'\0'.repeat(10)}\xff\xff`;

/** The four or sixteen bytes of an address, in a byte string. Like Go, a mapped IPv4 address is an IPv4 address. */
export function parseIpAddress(text: string): string | undefined {
  if (IPV4.test(text)) {
    const parts = text.split('.').map(Number);
    return parts.every((part) => part <= 255) ? String.fromCharCode(...parts) : undefined;
  }
  if (!IPV6.test(text)) return undefined;
  const host = ipv6Host(text);
  if (host === undefined) return undefined;

  const [head = '', tail] = host.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  const bytes = [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]);
  return withoutMapping(String.fromCharCode(...bytes));
}

/** As Go's net.IP prints it; hexadecimal behind a question mark where the length is none of an address. */
export function ipAddressText(bytes: string): string {
  const address = withoutMapping(bytes);
  const numbers = [...Buffer.from(address, 'latin1')];
  if (numbers.length === 4) return numbers.join('.');
  const hex = Buffer.from(address, 'latin1').toString('hex');
  if (numbers.length !== 16) return `?${hex}`;
  return ipv6Host((hex.match(/.{4}/g) ?? []).join(':')) ?? `?${hex}`;
}

/** The shortest way to write an IPv6 address: URLs hold it by the rules of RFC 5952, which Go follows too. */
function ipv6Host(text: string): string | undefined {
  const url = `http://[${text}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}

function groupsOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function withoutMapping(bytes: string): string {
  return bytes.length === 16 && bytes.startsWith(MAPPED_IPV4) ? bytes.slice(MAPPED_IPV4.length) : bytes;
}
