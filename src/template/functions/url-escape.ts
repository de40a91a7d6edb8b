/** What stays as it is in each part of a URL, beside letters, digits and `-_.~`. As Go's net/url has it. */
const SAFE = {
  path: '$&+,/:;=@',
  userinfo: '$&+,;=',
  host: `!$&'()*+,;=:[]<>"`,
  fragment: '$&+,/:;=?@!()*',
} as const;

export type UrlPart = keyof typeof SAFE;

/** Both take and give byte strings. */
export function escapeUrl(text: string, part: UrlPart): string {
  return text.replaceAll(/[^A-Za-z0-9\-_.~]/g, (byte) => (SAFE[part].includes(byte) ? byte : hex(byte)));
}

/** `undefined` for a bad escape, and in a host for what cannot be part of one. */
export function unescapeUrl(text: string, part: UrlPart): string | undefined {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  if (part === 'host' && !isHost(text)) return undefined;
  return text.replaceAll(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** In a host only bytes beyond ASCII, and the percent sign itself, may be escaped. */
function isHost(text: string): boolean {
  if (/%(?!25)[0-7]/.test(text)) return false;
  return text
    .replaceAll(/%../g, '')
    .split('')
    .every((byte) => byte > '\x7f' || escapeUrl(byte, 'host') === byte);
}

function hex(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
