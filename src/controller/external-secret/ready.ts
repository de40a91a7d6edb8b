import type { LatchkeyError } from '../../errors.ts';

/** The condition `Ready` of an ExternalSecret; reasons and the beginnings of messages are External Secrets'. */
export interface Ready {
  readonly status: 'True' | 'False';
  readonly reason:
    | 'SecretSynced'
    | 'SecretDeleted'
    | 'SecretMissing'
    | 'SecretSyncedError'
    | 'ReadByPods'
    | 'NamespaceNotOptedIn';
  readonly message: string;
}

export const SYNCED: Ready = { status: 'True', reason: 'SecretSynced', message: 'secret synced' };
export const RETAINED: Ready = { ...SYNCED, message: 'secret retained due to DeletionPolicy=Retain' };
export const DELETED: Ready = {
  status: 'True',
  reason: 'SecretDeleted',
  message: 'secret deleted due to DeletionPolicy=Delete',
};
export const MISSING: Ready = {
  status: 'True',
  reason: 'SecretMissing',
  message: 'secret will not be created due to CreationPolicy=Merge',
};
export const READ_BY_PODS: Ready = {
  status: 'True',
  reason: 'ReadByPods',
  message:
    'a store names no identity: there is no shared Secret; each Pod that uses the target gets its own copy, read with its own ServiceAccount',
};

const MAX_MESSAGE = 1000;

/** The whole line of the error: what External Secrets says, and then why. */
export function failed(error: LatchkeyError): Ready {
  const { line } = error;
  const message = line.length <= MAX_MESSAGE ? line : `${line.slice(0, MAX_MESSAGE - 1)}…`;
  return {
    status: 'False',
    reason: error.code === 'NAMESPACE_NOT_OPTED_IN' ? 'NamespaceNotOptedIn' : 'SecretSyncedError',
    message,
  };
}
