import { type Clock, systemClock } from '../kube/clock.ts';
import type { KubeClient } from '../kube/client.ts';
import { kubeErrorFacts } from '../kube/kube-error.ts';
import type { Log } from '../log.ts';
import { createLeaderLease, type LeaderLease } from './leader-lease.ts';

export interface LeaderElectionOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly leaseName: string;
  /** Different for every process, even two of one Pod name. */
  readonly identity: string;
  readonly log: Log;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly timing?: ElectionTiming;
}

export interface ElectionTiming {
  /** How long others wait after the holder's last sign of life. */
  readonly leaseMs: number;
  /** When the holder gives up by itself; the difference is what its work has to come to an end. */
  readonly renewDeadlineMs: number;
  readonly retryMs: number;
}

export interface LeaderWork {
  /** Runs while we lead, until its signal aborts. Ending by itself, or throwing, ends the election too. */
  readonly onStarted: (signal: AbortSignal) => Promise<void>;
  readonly onStopped?: () => void;
}

export interface LeaderElection {
  /** Campaigns until the signal aborts; then the Lease is released, after the work has ended. Rejects as the work does. */
  run(work: LeaderWork, signal: AbortSignal): Promise<void>;
  isLeader(): boolean;
}

const TIMING: ElectionTiming = { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };
const RELEASE_TIMEOUT_MS = 2_000;

/** One of several replicas works at a time: the holder of a Lease. */
export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const { log, clock = systemClock, random = Math.random, timing = TIMING } = options;
  let isLeader = false;

  return {
    async run(work, signal) {
      const lease = createLeaderLease({ ...options, clock, leaseMs: timing.leaseMs });
      while (await campaign(lease, signal)) {
        if (await lead(lease, work, signal)) return;
      }
    },
    isLeader: () => isLeader,
  };

  /** True when the Lease is ours, false when the signal aborted before. */
  async function campaign(lease: LeaderLease, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      try {
        if (await lease.acquire(AbortSignal.any([signal, AbortSignal.timeout(timing.renewDeadlineMs)]))) return true;
      } catch (error) {
        if (!signal.aborted) log.warn(kubeErrorFacts(error), 'leader election failed');
      }
      await clock.sleep(timing.retryMs * (1 + random()), signal);
    }
    return false;
  }

  /** True when the work ended by itself, false when it had to. */
  async function lead(lease: LeaderLease, work: LeaderWork, signal: AbortSignal): Promise<boolean> {
    const lost = new AbortController();
    const ended = new AbortController();
    const workSignal = AbortSignal.any([signal, lost.signal]);
    isLeader = true;
    log.info({ lease: options.leaseName }, 'leading');
    // Renewed until the work has ended, also while it winds down after a signal from outside.
    const renewing = renew(lease, ended.signal).finally(() => {
      isLeader = false;
      lost.abort();
    });
    try {
      await work.onStarted(workSignal);
      return !workSignal.aborted;
    } catch (error) {
      if (workSignal.aborted) return false;
      throw error;
    } finally {
      ended.abort();
      await renewing;
      await release(lease);
      log.info({ lease: options.leaseName }, 'no longer leading');
      work.onStopped?.();
    }
  }

  /** Returns when the Lease is lost, when renewing has failed for the deadline, or when the signal aborts. */
  async function renew(lease: LeaderLease, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(Math.min(timing.retryMs, leftMs()), signal);
      if (signal.aborted || leftMs() <= 0) return;
      try {
        if (!(await withinMs(leftMs(), signal, (limited) => lease.renew(limited)))) return;
      } catch (error) {
        if (!signal.aborted) log.warn(kubeErrorFacts(error), 'lease not renewed');
      }
    }

    /** Runs from the moment the last renewal was sent: others may count from then. */
    function leftMs(): number {
      return Math.max(lease.renewedAt() + timing.renewDeadlineMs - clock.now(), 0);
    }
  }

  async function withinMs<T>(ms: number, signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const settled = new AbortController();
    const late = new AbortController();
    const timer = abortAfter(ms, late, settled.signal);
    try {
      return await call(AbortSignal.any([signal, late.signal]));
    } finally {
      settled.abort();
      await timer;
    }
  }

  async function abortAfter(ms: number, late: AbortController, settled: AbortSignal): Promise<void> {
    await clock.sleep(ms, settled);
    late.abort();
  }

  async function release(lease: LeaderLease): Promise<void> {
    try {
      await lease.release(AbortSignal.timeout(RELEASE_TIMEOUT_MS));
    } catch (error) {
      log.debug(kubeErrorFacts(error), 'lease not released');
    }
  }
}
