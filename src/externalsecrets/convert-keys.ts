import { LatchkeyError } from '../errors.ts';
import type { SecretValue } from '../secret-value.ts';
import type { Content } from './content.ts';
import type { KeyConversion } from './definition.ts';

/** As Go's unicode package has letters and numbers. Other characters cannot stand in a Secret's keys. */
const CONVERTED = /[^\p{L}\p{N}._-]/gu;

/** Providers that convert what they find before any rewrite sees it, in External Secrets and so here. */
const CONVERTING_PROVIDERS: ReadonlySet<string> = new Set(['gcpsm', 'kubernetes', 'fake']);

/**
 * Makes keys out of names: each other character becomes `_`, or `_U002f_` with the conversion Unicode. Throws VALUE_INVALID
 * where two names would become one key.
 */
export function convertKeys(content: Content, conversion: KeyConversion): Content {
  const converted = new Map<string, SecretValue>();
  for (const [name, value] of content) {
    const key = name.replaceAll(CONVERTED, conversion === 'Unicode' ? toUnicode : toUnderscore);
    if (converted.has(key)) {
      throw new LatchkeyError('VALUE_INVALID', `secret name collision during conversion: ${key}`, {
        hint: 'Keep the names apart with conversionStrategy: Unicode, or with rewrite',
      });
    }
    converted.set(key, value);
  }
  return converted;
}

export function isConvertedByProvider(provider: string): boolean {
  return CONVERTING_PROVIDERS.has(provider);
}

function toUnicode(character: string): string {
  return `_U${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}_`;
}

function toUnderscore(): string {
  return '_';
}
