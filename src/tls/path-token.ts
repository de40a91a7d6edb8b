import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../kube/clock.ts';
import type { Log } from '../log.ts';
import { SecretValue } from '../secret-value.ts';
import { type OwnSecretPlace, readOwnSecret } from './own-secret.ts';
import { startRepeating } from './repeat.ts';
import { createRotatingSecret, type RotatingSecret, type SecretFormat } from './rotating-secret.ts';
import type { Rotation } from './rotation.ts';

/** Lower-case hex: the API server allows no other letters in a webhook's path. */
const TOKEN = /^[0-9a-f]{64,128}$/;
const TOKEN_BYTES = 32;
/** Rotations wait much longer than this for every replica. */
const POLL_MS = 10_000;
const FIRST_POLL_MS = 1000;

/** The Secret of the path token, of type Opaque: `token`, and during a rotation `next` or `previous`. All are accepted. */
export const pathTokenFormat: SecretFormat<string> = {
  write({ current, next, previous }) {
    return {
      token: SecretValue.fromText(current.value),
      ...(next && { next: SecretValue.fromText(next.value) }),
      ...(previous && { previous: SecretValue.fromText(previous.value) }),
    };
  },

  read(place, values) {
    const token = values.get(place === 'current' ? 'token' : place)?.exposeText();
    return token !== undefined && TOKEN.test(token) ? token : undefined;
  },
};

export interface PathTokenKeeperDeps {
  readonly place: OwnSecretPlace;
  readonly clock: Pick<Clock, 'date'>;
  readonly log: Log;
  readonly lifetimeMs: number;
  /** Must exceed what replicas take to follow a changed Secret, and API servers a changed configuration. */
  readonly spreadMs: number;
  /** Since when the webhook configuration names exactly this token; undefined where it is not known to. */
  readonly publishedSince: (token: string) => Date | undefined;
}

/** The path token in its Secret: replicas accept a new one before the configuration names it, the old one some time after. */
export function createPathTokenKeeper(deps: PathTokenKeeperDeps): RotatingSecret<string> {
  const { place, clock, log, lifetimeMs, spreadMs, publishedSince } = deps;
  return createRotatingSecret<string>({
    place,
    clock,
    log,
    format: pathTokenFormat,
    spreadMs,
    generate: async () => randomBytes(TOKEN_BYTES).toString('hex'),
    evidence({ current, next }: Rotation<string>, now) {
      const releasedSince = publishedSince(current.value);
      return {
        isDue: now.getTime() >= current.since.getTime() + lifetimeMs,
        acceptedSince: next?.since,
        isSpent: releasedSince !== undefined && now.getTime() >= releasedSince.getTime() + spreadMs,
      };
    },
  });
}

/** The tokens a replica accepts now. */
export interface PathTokens {
  /** Compares with all of them to the end, so that its time tells no more than the length, which everybody knows. */
  matches(token: string): boolean;
  isReady(): boolean;
  /** Reads the Secret once more, which happens by itself every ten seconds; keeps what it has where that fails. */
  refresh(signal: AbortSignal): Promise<void>;
}

export function createPathTokens(place: OwnSecretPlace, log: Log): PathTokens {
  let accepted: readonly Buffer[] = [];

  return {
    isReady: () => accepted.length > 0,

    matches(token) {
      const bytes = Buffer.from(token, 'latin1');
      let found = false;
      for (const candidate of accepted) {
        found = (candidate.length === bytes.length && timingSafeEqual(candidate, bytes)) || found;
      }
      return found;
    },

    async refresh(signal) {
      try {
        const secret = await readOwnSecret(place, signal);
        const tokens = (['current', 'next', 'previous'] as const)
          .map((at) => secret && pathTokenFormat.read(at, secret.values))
          .filter((token) => token !== undefined);
        if (tokens.length > 0) accepted = tokens.map((token) => Buffer.from(token, 'latin1'));
      } catch (err) {
        if (!signal.aborted) log.warn({ err, secret: place.name }, 'path token not read, the one before stays');
      }
    },
  };
}

/** The same, kept up to date until stopped. */
export function startPathTokens(
  place: OwnSecretPlace,
  { log, clock }: { readonly log: Log; readonly clock: Pick<Clock, 'sleep'> },
): PathTokens & { stop(): Promise<void> } {
  const tokens = createPathTokens(place, log);
  const repeating = startRepeating((signal) => tokens.refresh(signal), {
    clock,
    pauseMs: () => (tokens.isReady() ? POLL_MS : FIRST_POLL_MS),
  });
  return { ...tokens, ...repeating };
}
