import { parsePlan, type RecordedSecret } from '../planning/plan-annotation.ts';
import { viewPod } from '../planning/pod-view.ts';
import { PLAN } from '../references/annotations.ts';
import type { Reference } from '../references/reference.ts';
import { admitOffline, type OfflineAnswer } from './admit-offline.ts';
import type { ExpandedWorkload } from './expand-workload.ts';
import type { Offline } from './offline.ts';

/** A dry run's answer for the workload's Pod. */
export interface OfflinePlan extends OfflineAnswer {
  /** Nothing where the Pod was refused, or asks for nothing. */
  readonly planned: readonly RecordedSecret[];
}

export async function planOffline({ pod }: ExpandedWorkload, { admit }: Offline): Promise<OfflinePlan> {
  const answer = await admitOffline(admit, pod, true);
  const planned = answer.pod === undefined ? [] : parsePlan(viewPod(answer.pod).annotations?.[PLAN]);
  return { ...answer, planned };
}

export function referencesOf({ keys, map }: RecordedSecret): readonly Reference[] {
  const inKeys = Object.values(keys).flatMap(({ template }) => template.filter((part) => typeof part !== 'string'));
  return map === undefined ? inKeys : [map.reference];
}
