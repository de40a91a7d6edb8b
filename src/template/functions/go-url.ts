import { escapeUrl, unescapeUrl } from './url-escape.ts';

/** Go's url.URL. All are byte strings with their escapes undone, but for query, opaque and userinfo. */
export interface GoUrl {
  readonly scheme: string;
  readonly opaque: string;
  /** As `name:password`, escaped. Absent where there is no `@`. */
  readonly userinfo: string | undefined;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

const CONTROL = /[^ -~\x80-\xff]/; // text is bytes
const USERINFO = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
const NONE: GoUrl = { scheme: '', opaque: '', userinfo: undefined, host: '', path: '', query: '', fragment: '' };

/** Go's url.Parse; `undefined` for what it refuses. */
export function parseGoUrl(text: string): GoUrl | undefined {
  const [whole, fragment] = cut(text, '#');
  const url = parseWithoutFragment(whole);
  const unescaped = unescapeUrl(fragment, 'fragment');
  return url && unescaped !== undefined ? { ...url, fragment: unescaped } : undefined;
}

function parseWithoutFragment(text: string): GoUrl | undefined {
  if (CONTROL.test(text) || text.startsWith(':')) return undefined;
  if (text === '*') return { ...NONE, path: '*' };
  const [, prefix] = /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(text) ?? [];
  const scheme = (prefix ?? '').toLowerCase();
  const [rest, query] = cut(prefix === undefined ? text : text.slice(prefix.length + 1), '?');
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...NONE, scheme, query, opaque: rest };
    if (cut(rest, '/')[0].includes(':')) return undefined;
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'));
  const slash = hasAuthority ? indexOrEnd(rest, '/', 2) : 0;
  const authority = parseAuthority(scheme, hasAuthority ? rest.slice(2, slash) : '');
  const path = unescapeUrl(rest.slice(slash), 'path');
  return authority && path !== undefined ? { ...NONE, scheme, query, path, ...authority } : undefined;
}

function parseAuthority(scheme: string, text: string): Pick<GoUrl, 'userinfo' | 'host'> | undefined {
  const at = text.lastIndexOf('@');
  const host = parseHost(scheme, text.slice(at + 1));
  if (host === undefined) return undefined;
  if (at < 0) return { userinfo: undefined, host };
  const userinfo = parseUserinfo(text.slice(0, at));
  return userinfo === undefined ? undefined : { userinfo, host };
}

function parseUserinfo(text: string): string | undefined {
  if (!USERINFO.test(text)) return undefined;
  const colon = text.indexOf(':');
  const parts = colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
  const escaped = parts.map((part) => {
    const unescaped = unescapeUrl(part, 'userinfo');
    return unescaped === undefined ? undefined : escapeUrl(unescaped, 'userinfo');
  });
  return escaped.includes(undefined) ? undefined : escaped.join(':');
}

function parseHost(scheme: string, text: string): string | undefined {
  if (text.includes('[')) return parseAddress(text);
  // Lists of hosts, as databases have them, may hold several colons.
  const colon = /^https?$/.test(scheme) ? text.indexOf(':') : text.lastIndexOf(':');
  if (colon >= 0 && !isPort(text.slice(colon))) return undefined;
  return unescapeUrl(text, 'host');
}

/** `[fe80::1%25en0]:80` */
function parseAddress(text: string): string | undefined {
  const close = text.lastIndexOf(']');
  if (text.lastIndexOf('[') > 0 || close < 0 || !isPort(text.slice(close + 1))) return undefined;
  const [address, zone = ''] = text.slice(1, close).split(/(?=%25)(.*)/s);
  const unescaped = unescapeUrl(zone, 'path');
  if (unescaped === undefined || unescaped === '%' || !isIpv6(address ?? '')) return undefined;
  return `[${address ?? ''}${unescaped}]${text.slice(close + 1)}`;
}

function isIpv6(address: string): boolean {
  return /^[0-9a-fA-F:.]+$/.test(address) && URL.canParse(`http://[${address}]/`);
}

function isPort(text: string): boolean {
  return /^(?::[0-9]*)?$/.test(text);
}

/** Go's URL.String, of parts that may not have been parsed from anything. */
export function printGoUrl({ scheme, opaque, userinfo, host, path, query, fragment }: GoUrl): string {
  let text = scheme === '' ? '' : `${scheme}:`;
  if (opaque === '') {
    if (host !== '' || userinfo !== undefined || (scheme !== '' && path !== '')) text += '//';
    if (userinfo !== undefined) text += `${userinfo}@`;
    text += escapeUrl(host, 'host');
    const escaped = path === '*' ? '*' : escapeUrl(path, 'path');
    if (escaped !== '' && !escaped.startsWith('/') && host !== '') text += '/';
    // A colon in the first segment would make a scheme of it.
    if (text === '' && cut(escaped, '/')[0].includes(':')) text = './';
    text += escaped;
  } else {
    text += opaque;
  }
  if (query !== '') text += `?${query}`;
  return fragment === '' ? text : `${text}#${escapeUrl(fragment, 'fragment')}`;
}

export function hostnameOf({ host }: GoUrl): string {
  const colon = host.lastIndexOf(':');
  const name = colon >= 0 && isPort(host.slice(colon)) ? host.slice(0, colon) : host;
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
}

function cut(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function indexOrEnd(text: string, separator: string, from: number): number {
  const at = text.indexOf(separator, from);
  return at < 0 ? text.length : at;
}
