import { LatchkeyError } from '../errors.ts';
import type { Clock } from '../kube/clock.ts';
import type { Log } from '../log.ts';
import type { SecretValue } from '../secret-value.ts';
import { type OwnSecret, type OwnSecretPlace, readOwnSecret, writeOwnSecret } from './own-secret.ts';
import { type Evidence, introduce, nextStep, retire, type Rotation, switchOver } from './rotation.ts';

const OURS = { 'app.kubernetes.io/managed-by': 'latchkey' };
const PLACES = ['current', 'next', 'previous'] as const;
type RotationPlace = (typeof PLACES)[number];

/** How a rotation lies in a Secret's `data`; its times are annotations, `latchkey.dev/current-since` and the like. */
export interface SecretFormat<T> {
  write(rotation: Rotation<T>): Readonly<Record<string, SecretValue>>;
  /** Undefined where nothing is, or nothing that can be read. */
  read(place: RotationPlace, values: ReadonlyMap<string, SecretValue>): T | undefined;
}

export interface RotatingSecretDeps<T> {
  readonly place: OwnSecretPlace;
  readonly clock: Pick<Clock, 'date'>;
  readonly log: Log;
  readonly format: SecretFormat<T>;
  readonly spreadMs: number;
  readonly generate: (now: Date) => Promise<T>;
  readonly evidence: (rotation: Rotation<T>, now: Date) => Omit<Evidence, 'now'>;
}

/** Keeps one rotation in one Secret. Only the leader runs it; two at a time cannot overwrite each other. */
export interface RotatingSecret<T> {
  /** Makes the Secret where there is none, and takes at most one step. */
  reconcile(signal: AbortSignal): Promise<Rotation<T>>;
}

export function createRotatingSecret<T>(deps: RotatingSecretDeps<T>): RotatingSecret<T> {
  const { place, clock, log, format, spreadMs, generate, evidence } = deps;
  let known: Rotation<T> | undefined;

  return {
    async reconcile(signal) {
      const secret = await readOwnSecret(place, signal);
      const now = clock.date();
      const stored = secret === undefined ? undefined : parseRotation(secret, deps);
      const wanted = stored === undefined ? await begin(now) : await advance(stored, now);
      if (wanted !== stored) await write(wanted, secret, signal);
      known = wanted;
      return wanted;
    },
  };

  /** A Secret that was deleted comes back with what is in use, and a rotation begins: that is how people ask for one. */
  async function begin(now: Date): Promise<Rotation<T>> {
    if (known === undefined) return { current: { value: await generate(now), since: now } };
    if (known.next !== undefined || known.previous !== undefined) return known;
    return introduce(known, await generate(now), now);
  }

  async function advance(rotation: Rotation<T>, now: Date): Promise<Rotation<T>> {
    const step = nextStep(rotation, { now, ...evidence(rotation, now) }, spreadMs);
    if (step !== 'keep') log.info({ secret: place.name, step }, 'rotation goes on');
    switch (step) {
      case 'keep':
        return rotation;
      case 'introduce':
        return introduce(rotation, await generate(now), now);
      case 'switch':
        return switchOver(rotation, now);
      case 'retire':
        return retire(rotation);
    }
  }

  async function write(rotation: Rotation<T>, secret: OwnSecret | undefined, signal: AbortSignal): Promise<void> {
    const { labels, annotations, ...metadata } = secret?.object.metadata ?? {};
    await writeOwnSecret(
      place,
      {
        ...metadata,
        labels: { ...labels, ...OURS },
        annotations: { ...withoutTimes(annotations), ...times(rotation) },
      },
      format.write(rotation),
      signal,
    );
  }
}

function parseRotation<T>({ object, values }: OwnSecret, { format, place }: RotatingSecretDeps<T>): Rotation<T> {
  const isOurs = Object.entries(OURS).every(([label, value]) => object.metadata.labels?.[label] === value);
  const [current, next, previous] = PLACES.map((at) => {
    const value = format.read(at, values);
    const since = new Date(object.metadata.annotations?.[sinceAnnotation(at)] ?? Number.NaN);
    return value === undefined || Number.isNaN(since.getTime()) ? undefined : { value, since };
  });
  if (!isOurs || current === undefined) {
    throw new LatchkeyError(
      'TARGET_CONFLICT',
      `Secret ${place.namespace}/${place.name} is not one that Latchkey wrote`,
      {
        hint: 'Delete it, or name another in the configuration',
      },
    );
  }
  return { current, ...(next === undefined ? {} : { next }), ...(previous === undefined ? {} : { previous }) };
}

function times<T>(rotation: Rotation<T>): Record<string, string> {
  const entries = PLACES.flatMap((at) => {
    const since = rotation[at]?.since;
    return since === undefined ? [] : [[sinceAnnotation(at), since.toISOString()] as const];
  });
  return Object.fromEntries(entries);
}

function withoutTimes(annotations: Readonly<Record<string, string>> = {}): Record<string, string> {
  const ours = new Set(PLACES.map(sinceAnnotation));
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !ours.has(key)));
}

function sinceAnnotation(place: RotationPlace): string {
  return `latchkey.dev/${place}-since`;
}
