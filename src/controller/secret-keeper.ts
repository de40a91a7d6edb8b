import type { Filler } from '../delivery/fill.ts';
import type { SecretWriter, StoredSecret } from '../delivery/secret-writer.ts';
import type { Call } from '../identity/store-identity.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Log } from '../log.ts';
import type { PodClaim } from './pod-index.ts';
import type { VerifiedClaim, VerifyClaim } from './verify-claim.ts';
import type { RunOutcome } from './work-queue.ts';

export interface SecretKeeperOptions {
  readonly verify: VerifyClaim;
  readonly writer: SecretWriter;
  readonly filler: Filler;
  readonly events: EventRecorder;
  readonly log: Log;
}

/** A deleted Secret is found this much later at the latest; Secrets cannot be watched without the right to read them. */
const LOOK_AGAIN_MS = 10 * 60_000;
/** Pods read at a time for one Secret. */
const CHUNK = 16;

/** Keeps one Secret in step with the stored Pods that use it: there, and owned by those that have no revision above them. */
export interface SecretKeeper {
  /** Rejects where something has to be tried again. */
  keep(namespace: string, name: string, pods: readonly PodClaim[], call: Call): Promise<RunOutcome>;
}

export function createSecretKeeper({ verify, writer, filler, events, log }: SecretKeeperOptions): SecretKeeper {
  return {
    async keep(namespace, name, pods, call) {
      const first = await firstVerified(pods, name, call);
      if (first === undefined) return {};
      const stored = (await writer.probe(namespace, name, call)) ?? (await refill(first, call));
      if (first.secret.owner.kind === 'lease') await adopt(stored, pods, namespace, name, call);
      return { again: LOOK_AGAIN_MS };
    },
  };

  async function firstVerified(
    pods: readonly PodClaim[],
    name: string,
    call: Call,
  ): Promise<VerifiedClaim | undefined> {
    for (const pod of pods) {
      const verified = await verify(pod, name, call);
      if (verified !== undefined) return verified;
    }
    return undefined;
  }

  async function refill(claim: VerifiedClaim, call: Call): Promise<StoredSecret> {
    const { pod, secret, asker } = claim;
    const [problem] =
      claim.problems.length > 0 ? claim.problems : (await filler.fill([secret], asker, true, call)).problems;
    if (problem !== undefined) {
      const regarding = { apiVersion: 'v1', kind: 'Pod', ...pod };
      events.event({ regarding, type: 'Warning', reason: 'SecretFetchFailed', action: 'Fill', message: problem.line });
      throw problem;
    }
    log.info({ namespace: pod.namespace, secret: secret.name, pod: pod.name }, 'a missing Secret was filled again');
    const stored = await writer.probe(pod.namespace, secret.name, call);
    if (stored === undefined) throw new Error('the Secret went again while it was filled');
    return stored;
  }

  /** Adds the Pods as owners; those that a false plan names the Secret are left out. */
  async function adopt(
    stored: StoredSecret,
    pods: readonly PodClaim[],
    namespace: string,
    name: string,
    call: Call,
  ): Promise<void> {
    const owners = stored.metadata.ownerReferences ?? [];
    if (!owners.some(({ kind }) => kind === 'Lease' || kind === 'Pod')) return;
    const missing = pods.filter(({ uid }) => !owners.some((owner) => owner.uid === uid));
    for (let start = 0; start < missing.length; start += CHUNK) {
      const claims = await Promise.all(missing.slice(start, start + CHUNK).map((pod) => verify(pod, name, call)));
      const adopters = claims.flatMap((claim) => (claim === undefined ? [] : [claim.pod]));
      if (adopters.length === 0) continue;
      await writer.addOwners(
        { namespace, name, uid: stored.metadata.uid },
        adopters.map((pod) => ({ apiVersion: 'v1', kind: 'Pod', name: pod.name, uid: pod.uid })),
        call,
      );
      log.debug({ namespace, secret: name, pods: adopters.length }, 'Secret adopted');
    }
  }
}
