import { LatchkeyError } from '../../errors.ts';
import type { Fields } from '../../fields.ts';
import { isForbiddenAddress } from '../address-guard.ts';
import { endpointProblem } from '../endpoints.ts';
import type { ProviderLimits } from '../provider.ts';
import { type Operand, render, type Template } from './template.ts';

/** Where requests go: a host that no reference chooses, and a path and query that may hold expressions. */
export interface UrlTemplate {
  /** Such as `https://secrets.example.com`. */
  readonly origin: string;
  readonly host: string;
  readonly rest: Template;
}

const ORIGIN = /^(https?:\/\/[^/?#\\{}\s]+)([/?].*)?$/is;
const DOTS = /^(?:\.|%2e){1,2}$/i;

export function readUrl(
  block: Fields,
  limits: ProviderLimits,
  parse: (name: string, text: string) => Template,
): UrlTemplate {
  const text = block.text('url', { example: 'https://secrets.example.com/v1/{{ .remoteRef.key }}' }).trim();
  const [, start = '', rest = ''] = ORIGIN.exec(text) ?? [];
  const origin = URL.parse(start);
  if (origin === null || origin.username !== '' || origin.password !== '') {
    // An empty one was told already.
    if (text !== '') block.problem('url', 'must begin with http or https and a host in plain text, without user');
    return { origin: '', host: '', rest: [] };
  }
  const problem = hostProblem(origin.hostname, limits.endpoints);
  if (problem !== undefined) block.problem('url', problem);
  return { origin: origin.origin, host: origin.host, rest: parse('url', rest === '' ? '/' : rest) };
}

/** Names are checked again when they are looked up. A host that the operator lists may be anywhere. */
function hostProblem(hostname: string, endpoints: readonly string[]): string | undefined {
  if (endpoints.length === 0 && isForbiddenAddress(hostname)) {
    return `the host "${hostname}" is a link-local or loopback address; the operator can list it under identity.endpoints.webhook`;
  }
  return endpointProblem('webhook', hostname, endpoints);
}

/** The address of one request. Throws REF_INVALID where a key would climb out of the path that the store wrote. */
export function renderUrl({ origin, rest }: UrlTemplate, valueOf: (operand: Operand) => string): string {
  const text = origin + render(rest, valueOf);
  const path = text.slice(origin.length).replace(/[?#].*$/s, '');
  const url = URL.parse(text);
  if (url === null || url.origin !== origin || path.split(/[/\\]/).some((segment) => DOTS.test(segment))) {
    throw new LatchkeyError('REF_INVALID', 'the key makes no address that may be asked', {
      hint: 'Write a key without "." and ".." as a whole part of the path',
    });
  }
  return url.href;
}
