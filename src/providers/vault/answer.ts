import type { HttpAnswer } from './http.ts';
import { isJsonObject, JsonNumber } from '../json.ts';

/** Vault's `errors`; undefined where the answer is not in Vault's form. Its texts decide, and are never shown. */
export function errorsOf({ body }: HttpAnswer): readonly string[] | undefined {
  const errors = isJsonObject(body) ? body['errors'] : undefined;
  return Array.isArray(errors) && errors.every((error) => typeof error === 'string') ? errors : undefined;
}

export function mentions(answer: HttpAnswer, ...phrases: readonly string[]): boolean {
  return containsAny(errorsOf(answer) ?? [], phrases);
}

export function warns({ body }: HttpAnswer, ...phrases: readonly string[]): boolean {
  const warnings = isJsonObject(body) ? body['warnings'] : undefined;
  return Array.isArray(warnings) && containsAny(warnings, phrases);
}

/** `data` of a successful answer. */
export function dataOf({ status, body }: HttpAnswer): Readonly<Record<string, unknown>> | undefined {
  const data = isJsonObject(body) ? body['data'] : undefined;
  return status === 200 && isJsonObject(data) ? data : undefined;
}

/** `data.metadata`, which KV version 2 sends beside a value and with the 404 of a deleted one. */
export function metadataOf({ body }: HttpAnswer): Readonly<Record<string, unknown>> | undefined {
  const data = isJsonObject(body) ? body['data'] : undefined;
  const metadata = isJsonObject(data) ? data['metadata'] : undefined;
  return isJsonObject(metadata) ? metadata : undefined;
}

/** A whole number as text. */
export function integerOf(value: unknown): string | undefined {
  return value instanceof JsonNumber && /^\d+$/.test(value.literal) ? value.literal : undefined;
}

function containsAny(texts: readonly unknown[], phrases: readonly string[]): boolean {
  return texts.some(
    (text) => typeof text === 'string' && phrases.some((phrase) => text.toLowerCase().includes(phrase)),
  );
}
