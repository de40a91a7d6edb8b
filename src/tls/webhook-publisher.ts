import { LatchkeyError } from '../errors.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import { isNotFound } from '../kube/kube-error.ts';
import { apiPath } from '../kube/paths.ts';
import { applyObject } from '../kube/server-side-apply.ts';
import type { Log } from '../log.ts';
import { clusterFailure } from './cluster-failure.ts';
import {
  fieldsOf,
  holds,
  parseWebhookConfiguration,
  type Publication,
  type Registration,
  toEntries,
  type WebhookConfiguration,
} from './webhook-configuration.ts';

const FIELD_MANAGER = 'latchkey-webhook-publisher';

export interface WebhookPublisherDeps {
  readonly kube: KubeClient;
  readonly registration: Registration;
  readonly configurationName: string;
  readonly clock: Pick<Clock, 'date'>;
  readonly log: Log;
}

export interface WebhookPublisher {
  /** Looks at the configuration, and applies what differs. Resolves to whether it holds all of it now. */
  reconcile(publication: Publication, signal: AbortSignal): Promise<boolean>;
  /** Since when every webhook of the configuration has been seen to hold this value; undefined where that is not known. */
  publishedSince(field: keyof Publication, value: string): Date | undefined;
}

/**
 * Keeps `caBundle` and the path of every webhook in one of our webhook configurations by server-side apply.
 *
 * The list `webhooks` is merged by `name`, and an apply need not be a whole object: with an entry's name and two fields of
 * its `clientConfig` we own just these, and rules, selectors and the Service's name stay with the chart, which never sets
 * ours. `force` takes them back from whoever writes them nonetheless. An entry with `clientConfig.url`, for a Latchkey
 * outside of the cluster, keeps its origin.
 *
 * Two traps, tried on an API server. An apply for an entry that is gone would ask for an incomplete new one, which is
 * refused: hence the look first. And an entry that a chart drops does not go while we own fields of it, so its upgrade by
 * server-side apply is refused as well (422): entries of the chart keep their names.
 */
export function createWebhookPublisher({
  kube,
  registration,
  configurationName,
  clock,
  log,
}: WebhookPublisherDeps): WebhookPublisher {
  const { kind, resource, isOptional } = registration;
  const path = apiPath(resource, { name: configurationName });
  const confirmed = new Map<keyof Publication, { readonly value: string; readonly since: Date }>();

  return {
    publishedSince(field, value) {
      const known = confirmed.get(field);
      return known?.value === value ? known.since : undefined;
    },

    async reconcile(publication, signal) {
      try {
        const found = await read(signal);
        if (confirm(found, publication)) return true;
        if (found !== undefined) await apply(found, publication, signal);
        const isApplied = confirm(await read(signal), publication);
        if (isApplied) log.info({ kind, configuration: configurationName }, 'webhook configuration published');
        return isApplied;
      } catch (error) {
        throw clusterFailure(error, `${kind} ${configurationName}`);
      }
    },
  };

  /** `undefined` where there is none and need not be. */
  async function read(signal: AbortSignal): Promise<WebhookConfiguration | undefined> {
    try {
      return parse(await kube.request({ method: 'GET', path, signal }));
    } catch (error) {
      if (isOptional && isNotFound(error)) return undefined;
      throw error;
    }
  }

  function parse(answer: unknown): WebhookConfiguration {
    const configuration = parseWebhookConfiguration(answer);
    if (configuration !== undefined) return configuration;
    throw new LatchkeyError('MANIFEST_INVALID', `${kind} ${configurationName} has no webhooks`, {
      hint: 'Install it again from the chart',
    });
  }

  async function apply({ uid, webhooks }: WebhookConfiguration, publication: Publication, signal: AbortSignal) {
    const configuration = {
      apiVersion: resource.apiVersion,
      kind,
      // With the uid it is never created, only changed.
      metadata: { name: configurationName, uid },
      webhooks: toEntries(webhooks, publication),
    };
    await applyObject(kube, path, configuration, { fieldManager: FIELD_MANAGER, force: true, signal });
  }

  /** Where there is no configuration, no API server calls with anything else than what we publish. */
  function confirm(found: WebhookConfiguration | undefined, publication: Publication): boolean {
    let isWhole = true;
    for (const [field, value] of fieldsOf(publication)) {
      if (!holds(found?.webhooks ?? [], publication, field)) {
        confirmed.delete(field);
        isWhole = false;
      } else if (confirmed.get(field)?.value !== value) {
        confirmed.set(field, { value, since: clock.date() });
      }
    }
    return isWhole;
  }
}
