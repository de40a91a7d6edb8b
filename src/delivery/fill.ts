import { LatchkeyError } from '../errors.ts';
import type { Call } from '../identity/store-identity.ts';
import type { Log } from '../log.ts';
import type { PlannedSecret } from '../planning/plan.ts';
import type { Asker } from '../identity/store-identity-factory.ts';
import { type RenderOptions, type RenderedSecret, renderSecret } from './render-secret.ts';
import type { SecretWriter } from './secret-writer.ts';

export interface FillResult {
  readonly problems: readonly LatchkeyError[];
  readonly warnings: readonly string[];
}

/** Carries a plan out: resolves its references and writes its Secrets, all of them or, with any problem, none. */
export interface Filler {
  /** `write: false` resolves only, to name every broken reference of a Pod that is refused anyway. Never throws. */
  fill(secrets: readonly PlannedSecret[], asker: Asker, write: boolean, call: Call): Promise<FillResult>;
}

export interface FillerOptions extends RenderOptions {
  readonly writer: SecretWriter;
  /** Use a Secret that an earlier Pod of the same plan got while its provider does not answer. */
  readonly staleIfError: boolean;
  readonly log: Log;
}

export function createFiller(options: FillerOptions): Filler {
  const { writer, staleIfError, log } = options;

  async function fill(
    secrets: readonly PlannedSecret[],
    asker: Asker,
    write: boolean,
    call: Call,
  ): Promise<FillResult> {
    const rendered = await Promise.all(secrets.map((secret) => renderSecret(secret, asker, options, call)));
    const warnings = rendered.flatMap((secret) => secret.warnings);
    if (rendered.every(({ problems }) => problems.length === 0)) {
      return { problems: write ? await writeAll(secrets, rendered, asker, call) : [], warnings };
    }
    if (write) await recordRefusals(secrets, rendered, asker, call);
    const problems =
      write && staleIfError
        ? await withoutStale(secrets, rendered, asker, call)
        : rendered.flatMap((secret) => secret.problems);
    if (problems.length > 0) return { problems, warnings };
    // Those that could be read are written; the others stay as they are.
    const fresh = secrets
      .map((secret, index) => [secret, rendered[index]] as const)
      .filter(([, result]) => result?.problems.length === 0);
    const writeProblems = await writeAll(
      fresh.map(([secret]) => secret),
      fresh.flatMap(([, result]) => result ?? []),
      asker,
      call,
    );
    return { problems: writeProblems, warnings };
  }

  async function writeAll(
    secrets: readonly PlannedSecret[],
    rendered: readonly RenderedSecret[],
    { namespace }: Asker,
    call: Call,
  ): Promise<readonly LatchkeyError[]> {
    const outcomes = await Promise.allSettled(
      secrets.map(({ name, owner }, index) => {
        const { data = new Map(), type } = rendered[index] ?? {};
        return writer.write({ namespace, name, owner, type, data }, call);
      }),
    );
    return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [LatchkeyError.from(outcome.reason)] : []));
  }

  /** What the provider refused must not be served as stale by any replica. */
  async function recordRefusals(
    secrets: readonly PlannedSecret[],
    rendered: readonly RenderedSecret[],
    { namespace }: Asker,
    call: Call,
  ): Promise<void> {
    const refused = secrets.filter((_, index) => rendered[index]?.problems.some(isRefusal));
    const outcomes = await Promise.allSettled(refused.map(({ name }) => writer.recordRefusal(namespace, name, call)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        log.warn({ err: outcome.reason, namespace }, 'a refusal could not be recorded on its Secret');
    }
  }

  /** The problems that an existing Secret of the same plan does not make up for. */
  async function withoutStale(
    secrets: readonly PlannedSecret[],
    rendered: readonly RenderedSecret[],
    { namespace }: Asker,
    call: Call,
  ): Promise<readonly LatchkeyError[]> {
    const remaining = await Promise.all(
      secrets.map(async ({ name }, index) => {
        const problems = rendered[index]?.problems ?? [];
        if (problems.length === 0 || problems.some(({ fault }) => fault !== 'transient')) return problems;
        try {
          const stored = await writer.probe(namespace, name, call);
          if (stored === undefined || stored.refused) return problems;
        } catch {
          // The first problem is the one to report.
          return problems;
        }
        log.warn(
          { namespace, secret: name, codes: problems.map(({ code }) => code) },
          'provider away: the existing Secret is used',
        );
        return [];
      }),
    );
    return remaining.flat();
  }

  return { fill };
}

const REFUSALS: readonly string[] = ['ACCESS_DENIED', 'SECRET_NOT_FOUND', 'PROPERTY_NOT_FOUND', 'IDENTITY_REJECTED'];

function isRefusal({ code }: LatchkeyError): boolean {
  return REFUSALS.includes(code);
}
