import { isMapping } from '../fields.ts';
import type { Verdict } from './validate-store.ts';

/** The status that says so, or `undefined` where the given one does already. Other conditions and their order stay. */
export function withReady(status: unknown, { status: ready, reason, message }: Verdict, now: Date): object | undefined {
  const { conditions: listed, capabilities } = isMapping(status) ? status : {};
  const conditions = Array.isArray(listed) ? listed.filter(isMapping) : [];
  const before = conditions.find(({ type }) => type === 'Ready');
  const isSaid = before?.['status'] === ready && before['reason'] === reason && before['message'] === message;
  if (isSaid && capabilities === 'ReadOnly') return undefined;

  const since = before?.['status'] === ready ? before['lastTransitionTime'] : undefined;
  const lastTransitionTime = since ?? now.toISOString().replace(/\.\d+/, '');
  const condition = { type: 'Ready', status: ready, reason, message, lastTransitionTime };
  return {
    capabilities: 'ReadOnly',
    conditions:
      before === undefined ? [...conditions, condition] : conditions.with(conditions.indexOf(before), condition),
  };
}
