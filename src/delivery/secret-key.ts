/** A property's name as a Secret key: other characters become `_`, as External Secrets' conversionStrategy Default does. */
export function toSecretKey(property: string): string {
  return property.replaceAll(/[^-._a-zA-Z0-9]/gu, '_') || '_';
}

/** Dots that a path could mean, and keys that are too long, are what the API server refuses of the above. */
export function isSecretKey(key: string): boolean {
  return key !== '.' && !key.startsWith('..') && key.length <= MAX_KEY_LENGTH;
}

const MAX_KEY_LENGTH = 253;
