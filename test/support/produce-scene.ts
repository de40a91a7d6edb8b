import { parse } from 'yaml';
import { LatchkeyError } from '../../src/errors.ts';
import type { Definition } from '../../src/externalsecrets/definition.ts';
import { createFindStore } from '../../src/externalsecrets/find-store.ts';
import { createGeneratorRunner } from '../../src/externalsecrets/generators/run-generator.ts';
import { parseDefinition } from '../../src/externalsecrets/parse-definition.ts';
import { createProduce } from '../../src/externalsecrets/produce.ts';
import type { Produced } from '../../src/externalsecrets/produced.ts';
import type { TemplateEngine } from '../../src/externalsecrets/template-engine.ts';
import type { TemplateSources } from '../../src/externalsecrets/template-sources.ts';
import { createIdentityFactory } from '../../src/identity/store-identity-factory.ts';
import { Fields } from '../../src/fields.ts';
import { fake } from '../../src/providers/fake/index.ts';
import type { ConfiguredStore } from '../../src/providers/provider.ts';
import { createResolver } from '../../src/resolve/resolver.ts';
import { SecretValue } from '../../src/secret-value.ts';
import type { Store, StoreIndex } from '../../src/stores/store.ts';
import { TemplateError } from '../../src/template/template-error.ts';
import { aStore, anAsker } from './a-store.ts';
import { createFakeClock } from './fake-clock.ts';
import { fakeKube } from './fake-kube.ts';

export interface ProduceSettings {
  /** What the store `fake` holds, by key. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Further stores by name. */
  readonly stores?: Readonly<Record<string, Partial<ConfiguredStore>>>;
  /** What ConfigMaps and Secrets hold, by `Kind/name/key`. */
  readonly objects?: Readonly<Record<string, string>>;
  /** Generators by their path after the group's version. */
  readonly generators?: Readonly<Record<string, unknown>>;
  /** Hosts that the operator opened to webhooks. */
  readonly endpoints?: readonly string[];
}

export interface ProduceScene {
  /** Produces what a definition of this spec (YAML) makes, as the ExternalSecret itself. */
  readonly produce: (spec: string, metadata?: Readonly<Record<string, unknown>>) => Promise<Produced>;
  /** The data of it, as texts. */
  readonly dataOf: (spec: string) => Promise<Readonly<Record<string, string>>>;
  /** How often an engine was asked for. */
  readonly engines: () => number;
  /** What its author reads instead. */
  readonly lineOf: (spec: string) => Promise<string>;
}

const NO_LIMITS = { audiences: [], endpoints: [], maxResponseBytes: 1024 * 1024 };

/** Everything from a definition's text to its content, over External Secrets' fake provider. */
export function produceScene(settings: ProduceSettings = {}): ProduceScene {
  const { secrets = {}, objects = {}, generators = {}, endpoints = [] } = settings;
  const stores = new Map([['fake', fakeStore('fake', secrets)]]);
  for (const [name, configured] of Object.entries(settings.stores ?? {})) {
    stores.set(name, aStore({ name, configured }));
  }
  const index: StoreIndex = {
    get: (kind, _, name) => (kind === 'SecretStore' ? stores.get(name) : undefined),
    names: () => [...stores.keys()],
  };
  const credentials = { read: async () => SecretValue.fromText('credential') };
  const identityOf = createIdentityFactory({
    tokens: { issue: async () => SecretValue.fromText('token') },
    credentials,
    serviceAccounts: { get: () => undefined },
  });
  let engines = 0;
  const make = createProduce({
    resolver: createResolver({ identityOf, clock: createFakeClock(), settings: FRESH }),
    findStore: createFindStore({ stores: index, namespaces: { get: () => undefined }, controllerClass: 'default' }),
    generators: createGeneratorRunner({
      kube: fakeKube(
        ({ path }) => generators[path.replace('/apis/generators.external-secrets.io/v1alpha1/', '')] ?? 404,
      ),
      credentials,
      limitsFor: () => ({ ...NO_LIMITS, endpoints }),
      controllerClass: 'default',
    }),
    async loadEngine() {
      engines += 1;
      return plainEngine;
    },
    sources: sourcesOf(objects),
  });

  return { produce, dataOf, lineOf, engines: () => engines };

  async function produce(spec: string, metadata: Readonly<Record<string, unknown>> = {}): Promise<Produced> {
    const { serviceAccount: _pod, ...asker } = anAsker();
    return make(aDefinition(spec, metadata), asker, { signal: new AbortController().signal });
  }

  async function dataOf(spec: string): Promise<Readonly<Record<string, string>>> {
    return textsOf(await produce(spec));
  }

  async function lineOf(spec: string): Promise<string> {
    try {
      return `no error, but ${JSON.stringify(await dataOf(spec))}`;
    } catch (thrown) {
      return LatchkeyError.from(thrown).line;
    }
  }
}

/** Values are read anew each time, as the controller reads them. */
export const FRESH = {
  cacheTtlMs: 0,
  cacheMaxBytes: 1024 * 1024,
  staleIfErrorMs: 0,
  concurrencyPerStore: 16,
  callTimeoutMs: 8000,
  circuit: { failures: 5, openMs: 5000 },
};

/** An ExternalSecret `payments/db` of this spec, which names the store `fake` unless it names one. */
export function aDefinition(spec: string, metadata: Readonly<Record<string, unknown>> = {}): Definition {
  return parseDefinition({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'db', namespace: 'payments', uid: 'uid-es', generation: 1, ...metadata },
    spec: { secretStoreRef: { name: 'fake' }, ...(parse(spec) as object) },
  });
}

export function textsOf({ data }: Pick<Produced, 'data'>): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from(data, ([key, value]) => [key, value.exposeText()]));
}

function fakeStore(name: string, secrets: Readonly<Record<string, string>>): Store {
  const data = Object.entries(secrets).map(([key, value]) => ({ key, value }));
  return aStore({ name, provider: 'fake', configured: fake.configure(Fields.of({ data }, 'spec'), NO_LIMITS) });
}

function sourcesOf(objects: Readonly<Record<string, string>>): TemplateSources {
  return {
    async read(kind, _, name, key) {
      const text = objects[`${kind}/${name}/${key}`];
      if (text !== undefined) return SecretValue.fromText(text);
      throw new LatchkeyError('STORE_CREDENTIAL_UNREADABLE', `${kind} ${name} does not exist`);
    },
  };
}

/** Knows `{{ .name }}` alone. */
const plainEngine: TemplateEngine = {
  render(_name, text, root) {
    const rendered = text.replaceAll(/\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
      const value = root.get(expression.replace('.', ''));
      if (value === undefined) throw new TemplateError(`map has no entry for key "${expression.replace('.', '')}"`);
      return value.exposeText();
    });
    return SecretValue.fromText(rendered);
  },
};
