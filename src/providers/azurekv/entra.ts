import { SecretValue } from '../../secret-value.ts';
import type { Call, StoreIdentity } from '../provider.ts';
import { objectOf } from './answer.ts';
import { scopeOf } from './clouds.ts';
import type { HttpAnswer, HttpSend } from './http.ts';
import { type EntraStep, fromEntraAnswer } from './login-errors.ts';
import type { Reader } from './scene.ts';
import type { AzurekvSettings } from './settings.ts';
import { notAzure } from './trouble.ts';

/** As whom Azure is read from now on. */
export interface Session {
  readonly token: SecretValue;
  readonly expiresAt: Date;
  readonly reader: Reader;
}

export interface Way {
  readonly identity: StoreIdentity;
  readonly send: HttpSend;
  readonly maxResponseBytes: number;
  readonly now: () => number;
}

/** What a client sends to prove itself. */
export type Proof = Readonly<Record<string, string>>;

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' } as const;
// Taken off a token's life, so that none expires on its way: a tenth, at most this.
const MAX_MARGIN_MS = 30_000;

/** Asks Microsoft Entra for a token of a client. `claims` are what a vault demanded of a token that it did not accept. */
export async function askEntra(
  step: EntraStep,
  proof: Proof,
  { cloud }: Pick<AzurekvSettings, 'cloud'>,
  { send, maxResponseBytes, now }: Way,
  { signal }: Call,
  claims: string | undefined,
): Promise<Session> {
  const { who, clientId, tenantId, source } = step;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: scopeOf(cloud),
    ...proof,
    ...(claims !== undefined && { claims }),
  });
  const askedAtMs = now();
  const url = tokenUrl(cloud.authorityUrl, tenantId);
  const answer = await send(
    { url, method: 'POST', headers: FORM, body: form.toString() },
    { signal, maxResponseBytes },
  );
  if (answer.status !== 200) throw fromEntraAnswer(answer, step);
  return {
    ...readToken(answer, askedAtMs),
    reader: { who: `${who} as client ${clientId}`, clientId, tenantId, source },
  };
}

/** A token out of an answer of Entra or of the metadata service, which speak the same. */
export function readToken(answer: HttpAnswer, askedAtMs: number): Omit<Session, 'reader'> {
  const { access_token: token, expires_in: lifetime } = objectOf(answer) ?? {};
  const lifetimeMs = Number(lifetime) * 1000; // a number, which the metadata service writes as text
  if (typeof token !== 'string' || token === '' || !(lifetimeMs > 0)) throw notAzure(answer);
  const usableMs = lifetimeMs - Math.min(lifetimeMs / 10, MAX_MARGIN_MS);
  return { token: SecretValue.fromText(token), expiresAt: new Date(askedAtMs + usableMs) };
}

export function tokenUrl(authority: string, tenantId: string): string {
  return `${authority}/${tenantId}/oauth2/v2.0/token`;
}
