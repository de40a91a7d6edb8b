import { isMapping } from '../fields.ts';
import { type KubeObject, parseKubeObject } from '../kube/kube-object.ts';
import { MUTATING_WEBHOOKS, type Resource, VALIDATING_WEBHOOKS } from '../kube/paths.ts';

/** One of the two objects that tell API servers about our webhooks. */
export interface Registration {
  readonly kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration';
  readonly resource: Resource;
  /** First segment of the path that its webhooks call; the token follows. */
  readonly route: 'mutate' | 'validate';
  /** Whether it may be absent: then nobody is called by it, and there is nothing to keep right. */
  readonly isOptional: boolean;
}

export const MUTATING: Registration = {
  kind: 'MutatingWebhookConfiguration',
  resource: MUTATING_WEBHOOKS,
  route: 'mutate',
  isOptional: false,
};
export const VALIDATING: Registration = {
  kind: 'ValidatingWebhookConfiguration',
  resource: VALIDATING_WEBHOOKS,
  route: 'validate',
  isOptional: true,
};

/** What API servers must know to call us. */
export interface Publication {
  /** PEM. Undefined where somebody else, such as cert-manager's injector, keeps `caBundle`. */
  readonly caBundle?: string;
  /** `/mutate/<token>` */
  readonly path: string;
}

export interface WebhookConfiguration {
  readonly uid: string;
  readonly webhooks: readonly Webhook[];
}

interface Webhook {
  readonly name: string;
  readonly caBundle: unknown;
  readonly path: unknown;
  readonly url: string | undefined;
}

/** `undefined` for what is no such object or has no webhooks. */
export function parseWebhookConfiguration(answer: unknown): WebhookConfiguration | undefined {
  const object = parseKubeObject(answer);
  const webhooks = object === undefined ? [] : webhooksOf(object);
  return object === undefined || webhooks.length === 0 ? undefined : { uid: object.metadata.uid, webhooks };
}

export function pathFor({ route }: Registration, token: string): string {
  return `/${route}/${token}`;
}

/** The fields that there are to publish. */
export function fieldsOf({ caBundle, path }: Publication): readonly (readonly [keyof Publication, string])[] {
  return caBundle === undefined
    ? [['path', path]]
    : [
        ['caBundle', caBundle],
        ['path', path],
      ];
}

/** Whether every webhook has what the publication says of the field. */
export function holds(webhooks: readonly Webhook[], publication: Publication, field: keyof Publication): boolean {
  return webhooks.every((webhook) => {
    if (field === 'caBundle') return webhook.caBundle === encodedBundle(publication);
    return webhook.url === undefined
      ? webhook.path === publication.path
      : webhook.url === urlFor(webhook.url, publication);
  });
}

/** The entries to apply: what names a webhook, and the fields of its `clientConfig` that are ours. */
export function toEntries(webhooks: readonly Webhook[], publication: Publication): readonly object[] {
  return webhooks.map((webhook) => ({ name: webhook.name, clientConfig: clientConfigFor(webhook, publication) }));
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
