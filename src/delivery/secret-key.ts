/** A property's name as a Secret key: other characters become `_`, as External Secrets' conversionStrategy Default does. */
export function toSecretKey(property: string): string {
  return property.replaceAll(/[^-._a-zA-Z0-9]/gu, '_') || '_';
}
