const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const VARIABLE_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const MAX_SUBDOMAIN_LENGTH = 253;

/** A container's name, for example. */
export function isDnsLabel(text: string): boolean {
  return DNS_LABEL.test(text);
}

/** The name of a store, and of most other objects. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= MAX_SUBDOMAIN_LENGTH && DNS_SUBDOMAIN.test(text);
}

/** What every supported version takes as a variable's name; newer ones relax it, but a Secret's key stays this narrow. */
export function isVariableName(text: string): boolean {
  return VARIABLE_NAME.test(text) && text !== '.' && !text.startsWith('..');
}
