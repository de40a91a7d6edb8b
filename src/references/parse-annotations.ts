import { LatchkeyError } from '../errors.ts';
import type { AnnotationSource } from './annotation-source.ts';
import {
  CONTAINERS,
  DELIVERY,
  ENV_FROM,
  EXTERNAL_SECRET,
  FILES,
  FILES_PATH,
  INJECT,
  REFRESH_INTERVAL,
  RESTART_ON_CHANGE,
  STORE,
} from './annotations.ts';
import { isDnsLabel, isDnsSubdomain } from './kubernetes-names.ts';
import { parseEnvFromReference, type EnvFromReference } from './parse-reference.ts';
import { parseVariables, type AnnotatedVariable } from './parse-variables.ts';
import { annotationAt, readOwnAnnotations, type Findings, type OwnAnnotations } from './read-own-annotations.ts';
import type { StoreName } from './reference.ts';

export type { AnnotationSource } from './annotation-source.ts';
export type { AnnotatedVariable } from './parse-variables.ts';

export type Delivery = 'secret' | 'gate' | 'inline';

/** An ExternalSecret whose data become variables. */
export interface AnnotatedExternalSecret {
  readonly name: string;
  readonly where: string;
}

export interface AnnotatedEnvFrom extends EnvFromReference {
  readonly where: string;
}

/** An annotation that the grammar knows and this version does not carry out. Its text may hold references: never log it. */
export interface UnservedAnnotation {
  readonly annotation: string;
  readonly text: string;
  readonly where: string;
}

/** What the annotations of a Pod and of the objects above it ask for, precedence applied. */
export interface AnnotationSettings {
  /** `false`: this Pod is to be left alone, and nothing else was read. */
  readonly inject: boolean;
  readonly env: readonly AnnotatedVariable[];
  readonly envFrom: readonly AnnotatedEnvFrom[];
  readonly externalSecrets: readonly AnnotatedExternalSecret[];
  /** Only these containers; absent means all. */
  readonly containers?: readonly string[];
  readonly store?: StoreName;
  readonly delivery?: Delivery;
  /** The addresses of the three settings above. */
  readonly where: { readonly containers?: string; readonly store?: string; readonly delivery?: string };
  readonly unserved: readonly UnservedAnnotation[];
}

export interface ParsedAnnotations {
  readonly settings: AnnotationSettings;
  /** Every mistake, with REF_INVALID or ANNOTATION_INVALID and its address. */
  readonly problems: readonly LatchkeyError[];
  /** One line each, for the admission response. */
  readonly warnings: readonly string[];
}

const UNSERVED = [FILES, FILES_PATH, REFRESH_INTERVAL, RESTART_ON_CHANGE];
const DELIVERIES: readonly Delivery[] = ['secret', 'gate', 'inline'];
const MAX_LIST_LENGTH = 100;

const NO_SETTINGS: AnnotationSettings = Object.freeze({
  inject: true,
  env: Object.freeze([]),
  envFrom: Object.freeze([]),
  externalSecrets: Object.freeze([]),
  where: Object.freeze({}),
  unserved: Object.freeze([]),
});
const NOTHING: ParsedAnnotations = Object.freeze({
  settings: NO_SETTINGS,
  problems: Object.freeze([]),
  warnings: Object.freeze([]),
});
const LEFT_ALONE: ParsedAnnotations = Object.freeze({
  ...NOTHING,
  settings: Object.freeze({ ...NO_SETTINGS, inject: false }),
});

/** Reads our annotations on a Pod and above it, the nearest object first. Reports all mistakes at once and throws none. */
export function parseAnnotations(sources: readonly AnnotationSource[]): ParsedAnnotations {
  const findings: Findings = { problems: [], warnings: [] };
  const objects = sources.flatMap((source) => readOwnAnnotations(source, findings) ?? []);
  if (objects.length === 0 && findings.problems.length === 0 && findings.warnings.length === 0) return NOTHING;

  const inject = nearest(objects, INJECT, parseInject, findings);
  if (inject?.value === false) return LEFT_ALONE;

  const containers = nearest(objects, CONTAINERS, parseContainers, findings);
  const store = nearest(objects, STORE, parseStoreName, findings);
  const delivery = nearest(objects, DELIVERY, parseDelivery, findings);
  const settings: AnnotationSettings = {
    inject: true,
    env: parseVariables(objects, findings),
    envFrom: parseEnvFrom(objects, findings),
    externalSecrets: parseExternalSecrets(objects, findings),
    ...(containers === undefined ? {} : { containers: containers.value }),
    ...(store === undefined ? {} : { store: store.value }),
    ...(delivery === undefined ? {} : { delivery: delivery.value }),
    where: {
      ...(containers === undefined ? {} : { containers: containers.where }),
      ...(store === undefined ? {} : { store: store.where }),
      ...(delivery === undefined ? {} : { delivery: delivery.where }),
    },
    unserved: UNSERVED.flatMap((annotation) => {
      const found = nearest(objects, annotation, (text) => text, findings);
      return found === undefined ? [] : [{ annotation, text: found.value, where: found.where }];
    }),
  };
  return { settings, ...findings };
}

interface Setting<T> {
  readonly value: T;
  readonly where: string;
}

/** The nearest object that carries the annotation decides, also when it is wrong there. */
function nearest<T>(
  objects: readonly OwnAnnotations[],
  key: string,
  parse: (text: string) => T,
  findings: Findings,
): Setting<T> | undefined {
  const object = objects.find(({ texts }) => texts.has(key));
  const text = object?.texts.get(key);
  if (object === undefined || text === undefined) return undefined;
  return attempt(() => parse(text), annotationAt(key, object.where), findings);
}

function attempt<T>(parse: () => T, where: string, findings: Findings): Setting<T> | undefined {
  try {
    return { value: parse(), where };
  } catch (error) {
    findings.problems.push(LatchkeyError.from(error).at(where));
    return undefined;
  }
}

function parseEnvFrom(objects: readonly OwnAnnotations[], findings: Findings): readonly AnnotatedEnvFrom[] {
  const list = nearest(objects, ENV_FROM, (text) => parseList(text, 'secretstore://STORE/KEY'), findings);
  if (list === undefined) return [];
  return list.value.flatMap((text, index) => {
    const item = attempt(() => parseEnvFromReference(text), `${list.where}, entry ${index + 1}`, findings);
    return item === undefined ? [] : [{ ...item.value, where: item.where }];
  });
}

function parseExternalSecrets(
  objects: readonly OwnAnnotations[],
  findings: Findings,
): readonly AnnotatedExternalSecret[] {
  const list = nearest(objects, EXTERNAL_SECRET, parseNames, findings);
  return (list?.value ?? []).map((name) => ({ name, where: list?.where ?? '' }));
}

function parseNames(text: string): readonly string[] {
  const names = parseList(text, 'database, mail');
  if (names.every(isDnsSubdomain)) return [...new Set(names)];
  throw invalid(
    'names something that is no ExternalSecret',
    'Write names of ExternalSecrets with commas between: database, mail',
  );
}

function parseContainers(text: string): readonly string[] {
  const names = parseList(text, 'api, worker');
  if (names.every(isDnsLabel)) return [...new Set(names)];
  throw invalid('names something that is no container', 'Write names of containers with commas between: api, worker');
}

function parseStoreName(text: string): StoreName {
  const [, cluster, name = ''] = /^(cluster\/)?(.*)$/s.exec(text) ?? [];
  if (isDnsSubdomain(name)) return { kind: cluster === undefined ? 'SecretStore' : 'ClusterSecretStore', name };
  throw invalid("is no store's name", 'Write NAME for a SecretStore, or cluster/NAME for a ClusterSecretStore');
}

function parseDelivery(text: string): Delivery {
  const delivery = DELIVERIES.find((known) => known === text);
  if (delivery !== undefined) return delivery;
  throw invalid('is no delivery', `Write ${DELIVERIES.join(', ')}`);
}

function parseInject(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw invalid('is neither true nor false', 'Write "false" to have the Pod left alone, or remove the annotation');
}

function parseList(text: string, example: string): readonly string[] {
  const items = text.split(',', MAX_LIST_LENGTH + 1).map((item) => item.trim());
  if (items.includes('')) throw invalid('has an empty entry', `Write entries with commas between, such as ${example}`);
  if (items.length <= MAX_LIST_LENGTH) return items;
  throw invalid(`has more than ${MAX_LIST_LENGTH} entries`, 'Shorten it');
}

function invalid(message: string, hint: string): LatchkeyError {
  return new LatchkeyError('ANNOTATION_INVALID', message, { hint });
}
