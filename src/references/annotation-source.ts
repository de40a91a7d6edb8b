import { PREFIX } from './annotations.ts';

/** One object's annotations, as found: nothing about them was checked. */
export interface AnnotationSource {
  /** The object in messages, such as `Pod` or `Deployment "api"`. */
  readonly where: string;
  readonly level: 'pod' | 'workload' | 'serviceAccount' | 'namespace';
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

/** Only what begins with our prefix: all that is worth keeping of an object in a cache. */
export function ownAnnotations(
  annotations: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> | undefined {
  const own = Object.entries(annotations ?? {}).filter(([key]) => key.startsWith(PREFIX));
  return own.length === 0 ? undefined : Object.fromEntries(own);
}
