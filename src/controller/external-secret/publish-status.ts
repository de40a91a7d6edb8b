import type { Definition } from '../../externalsecrets/definition.ts';
import type { Call } from '../../identity/store-identity.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../kube/clock.ts';
import { isConflict, isNotFound } from '../../kube/kube-error.ts';
import { apiPath } from '../../kube/paths.ts';
import { mergePatch } from '../../kube/server-side-apply.ts';
import type { Ready } from './ready.ts';
import type { SyncState, WrittenStatus } from './sync-state.ts';

/** A sync that succeeded. */
export interface Success {
  readonly version: string;
  readonly at: Date;
  readonly binding: string | undefined;
}

/** Writes what changed of an ExternalSecret's status, and nothing where nothing did. Tells whether the condition changed. */
export type PublishStatus = (
  definition: Definition,
  state: SyncState,
  ready: Ready,
  success: Success | undefined,
  call: Call,
) => Promise<boolean>;

const FIELD_MANAGER = 'latchkey-external-secret';
/**
 * A refresh that changed nothing is written down this often at most, so that it costs etcd nothing: "Last Sync" is never
 * older than this and one interval.
 */
const HEARTBEAT_MS = 45 * 60_000;

export function createPublishStatus(client: KubeClient, clock: Clock): PublishStatus {
  return async (definition, state, ready, success, call) => {
    const before = state.status;
    const isNews = !isSaid(before, ready);
    if (!isNews && !(success !== undefined && isWorthWriting(before, success))) return false;

    const now = success?.at ?? clock.date();
    const since = before.ready?.status === ready.status ? before.ready.since : undefined;
    const lastTransitionTime = since ?? toSeconds(now);
    const status = {
      conditions: [{ type: 'Ready', ...ready, lastTransitionTime }],
      ...(success === undefined ? {} : successFields(success)),
    };
    const { apiVersion, namespace, name, uid } = definition;
    const path = apiPath({ apiVersion, plural: 'externalsecrets' }, { namespace, name, subresource: 'status' });
    try {
      const body = { metadata: { uid }, status };
      await mergePatch(client, path, body, { fieldManager: FIELD_MANAGER, signal: call.signal });
    } catch (error) {
      // Gone, or another one by now: the watch brings the news.
      if (isNotFound(error) || isConflict(error)) return false;
      throw error;
    }
    state.status = {
      ready: { ...ready, since: lastTransitionTime },
      version: success?.version ?? before.version,
      refreshTime: success?.at ?? before.refreshTime,
      binding: success?.binding ?? before.binding,
    };
    return isNews;
  };
}

function isSaid({ ready: before }: WrittenStatus, { status, reason, message }: Ready): boolean {
  return before?.status === status && before.reason === reason && before.message === message;
}

function isWorthWriting({ version, binding, refreshTime }: WrittenStatus, success: Success): boolean {
  const isOld = refreshTime === undefined || success.at.getTime() - refreshTime.getTime() >= HEARTBEAT_MS;
  return isOld || version !== success.version || (success.binding !== undefined && binding !== success.binding);
}

function successFields({ version, at, binding }: Success): object {
  return {
    refreshTime: toSeconds(at),
    syncedResourceVersion: version,
    ...(binding === undefined ? {} : { binding: { name: binding } }),
  };
}

function toSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
