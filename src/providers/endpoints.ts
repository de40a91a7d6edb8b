/**
 * What keeps tokens from a host that the operator's `identity.endpoints.<kind>` does not list; undefined where nothing does.
 * `*.example.com` covers every name below example.com, not example.com itself.
 */
export function endpointProblem(kind: string, hostname: string, endpoints: readonly string[]): string | undefined {
  if (endpoints.length === 0 || endpoints.some((pattern) => covers(pattern.toLowerCase(), hostname.toLowerCase()))) {
    return undefined;
  }
  return `the host "${hostname}" is not in the operator's list identity.endpoints.${kind} (${endpoints.join(', ')})`;
}

/** What keeps an audience from being asked for; undefined where nothing does. */
export function audienceProblem(kind: string, audience: string, audiences: readonly string[]): string | undefined {
  if (audiences.includes(audience)) return undefined;
  const list = audiences.length === 0 ? 'which is empty' : audiences.join(', ');
  return `the audience "${audience}" is not in the operator's list identity.audiences.${kind} (${list})`;
}

function covers(pattern: string, hostname: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === hostname;
  return hostname.endsWith(pattern.slice(1)) && hostname.length > pattern.length - 1;
}
