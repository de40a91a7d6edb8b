import { LatchkeyError } from '../errors.ts';
import { isMapping } from '../fields.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import { apiPath, MUTATING_WEBHOOKS } from '../kube/paths.ts';
import { type KubeObject, parseKubeObject } from '../kube/kube-object.ts';
import { applyObject } from '../kube/server-side-apply.ts';
import type { Log } from '../log.ts';
import { clusterFailure } from './cluster-failure.ts';

const FIELD_MANAGER = 'latchkey-webhook-publisher';

/** What API servers must know to call us. */
export interface Publication {
  /** PEM. Undefined where somebody else, such as cert-manager's injector, keeps `caBundle`. */
  readonly caBundle?: string;
  /** `/mutate/<token>` */
  readonly path: string;
}

export interface WebhookPublisherDeps {
  readonly kube: KubeClient;
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
 * Keeps `caBundle` and the path of every webhook in our MutatingWebhookConfiguration by server-side apply.
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
  configurationName,
  clock,
  log,
}: WebhookPublisherDeps): WebhookPublisher {
  const path = apiPath(MUTATING_WEBHOOKS, { name: configurationName });
  const confirmed = new Map<keyof Publication, { readonly value: string; readonly since: Date }>();

  return {
    publishedSince(field, value) {
      const known = confirmed.get(field);
      return known?.value === value ? known.since : undefined;
    },

    async reconcile(publication, signal) {
      try {
        const found = await read(signal);
        if (confirm(found.webhooks, publication)) return true;
        await apply(found, publication, signal);
        const applied = confirm((await read(signal)).webhooks, publication);
        if (applied) log.info({ configuration: configurationName }, 'webhook configuration published');
        return applied;
      } catch (error) {
        throw clusterFailure(error, `MutatingWebhookConfiguration ${configurationName}`);
      }
    },
  };

  async function read(signal: AbortSignal): Promise<Configuration> {
    const object = parseKubeObject(await kube.request({ method: 'GET', path, signal }));
    const webhooks = object === undefined ? [] : webhooksOf(object);
    if (object !== undefined && webhooks.length > 0) return { uid: object.metadata.uid, webhooks };
    throw new LatchkeyError('MANIFEST_INVALID', `MutatingWebhookConfiguration ${configurationName} has no webhooks`, {
      hint: 'Install it again from the chart',
    });
  }

  async function apply({ uid, webhooks }: Configuration, publication: Publication, signal: AbortSignal): Promise<void> {
    const configuration = {
      apiVersion: MUTATING_WEBHOOKS.apiVersion,
      kind: 'MutatingWebhookConfiguration',
      // With the uid it is never created, only changed.
      metadata: { name: configurationName, uid },
      webhooks: webhooks.map((webhook) => ({
        name: webhook.name,
        clientConfig: clientConfigFor(webhook, publication),
      })),
    };
    await applyObject(kube, path, configuration, { fieldManager: FIELD_MANAGER, force: true, signal });
  }

  function confirm(webhooks: readonly Webhook[], publication: Publication): boolean {
    let isWhole = true;
    for (const [field, value] of fieldsOf(publication)) {
      if (!holds(webhooks, publication, field)) {
        confirmed.delete(field);
        isWhole = false;
      } else if (confirmed.get(field)?.value !== value) {
        confirmed.set(field, { value, since: clock.date() });
      }
    }
    return isWhole;
  }
}

interface Configuration {
  readonly uid: string;
  readonly webhooks: readonly Webhook[];
}

interface Webhook {
  readonly name: string;
  readonly caBundle: unknown;
  readonly path: unknown;
  readonly url: string | undefined;
}

function webhooksOf(object: KubeObject): readonly Webhook[] {
  const entries: readonly unknown[] = Array.isArray(object['webhooks']) ? object['webhooks'] : [];
  return entries.filter(isMapping).map((entry) => {
    const client = isMapping(entry['clientConfig']) ? entry['clientConfig'] : {};
    const service = isMapping(client['service']) ? client['service'] : {};
    const url = client['url'];
    return {
      name: String(entry['name']),
      caBundle: client['caBundle'],
      path: service['path'],
      url: typeof url === 'string' ? url : undefined,
    };
  });
}

function fieldsOf({ caBundle, path }: Publication): readonly (readonly [keyof Publication, string])[] {
  return caBundle === undefined
    ? [['path', path]]
    : [
        ['caBundle', caBundle],
        ['path', path],
      ];
}

function holds(webhooks: readonly Webhook[], publication: Publication, field: keyof Publication): boolean {
  return webhooks.every((webhook) => {
    if (field === 'caBundle') return webhook.caBundle === encodedBundle(publication);
    return webhook.url === undefined
      ? webhook.path === publication.path
      : webhook.url === urlFor(webhook.url, publication);
  });
}

function clientConfigFor({ url }: Webhook, publication: Publication): Record<string, unknown> {
  const caBundle = publication.caBundle === undefined ? {} : { caBundle: encodedBundle(publication) };
  if (url !== undefined) return { ...caBundle, url: urlFor(url, publication) };
  return { ...caBundle, service: { path: publication.path } };
}

function encodedBundle({ caBundle }: Publication): string | undefined {
  return caBundle === undefined ? undefined : Buffer.from(caBundle).toString('base64');
}

function urlFor(url: string, { path }: Publication): string {
  return new URL(path, url).href;
}
