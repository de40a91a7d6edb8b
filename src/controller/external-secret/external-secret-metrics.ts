import type { Metrics } from '../../metrics.ts';

/** External Secrets' own metrics of ExternalSecrets, under their names, for the dashboards and alerts that there are. */
export interface ExternalSecretMetrics {
  /** A sync ended after so long; `isReady` is its condition. */
  synced(
    namespace: string,
    name: string,
    outcome: { readonly isReady: boolean; readonly failed: boolean; readonly ms: number },
  ): void;
  /** The object is gone, or not ours any more. */
  forget(namespace: string, name: string): void;
}

export function createExternalSecretMetrics(metrics: Metrics): ExternalSecretMetrics {
  const labels = ['name', 'namespace'];
  const calls = metrics.counter({
    name: 'externalsecret_sync_calls_total',
    help: 'Syncs of an ExternalSecret',
    labels,
  });
  const errors = metrics.counter({
    name: 'externalsecret_sync_calls_error',
    help: 'Syncs of an ExternalSecret that failed',
    labels,
  });
  const condition = metrics.gauge({
    name: 'externalsecret_status_condition',
    help: 'The condition of an ExternalSecret, 1 where it holds',
    labels: [...labels, 'condition', 'status'],
  });
  const duration = metrics.gauge({
    name: 'externalsecret_reconcile_duration',
    help: 'How long the last sync of an ExternalSecret took, in nanoseconds',
    labels,
  });
  const statuses = ['True', 'False'] as const;

  return {
    synced(namespace, name, { isReady, failed, ms }) {
      const of = { name, namespace };
      calls.increment(of);
      errors.increment(of, failed ? 1 : 0);
      duration.set(ms * 1e6, of);
      for (const status of statuses) {
        condition.set(Number(isReady === (status === 'True')), { ...of, condition: 'Ready', status });
      }
    },

    forget(namespace, name) {
      const of = { name, namespace };
      for (const metric of [calls, errors, duration]) metric.remove(of);
      for (const status of statuses) condition.remove({ ...of, condition: 'Ready', status });
    },
  };
}
