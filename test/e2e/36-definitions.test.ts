import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { type Clouds, startClouds } from './clouds.ts';
import {
  createDefinitionTeam,
  DEFINITION_STORES,
  type DefinitionStore,
  type DefinitionTeam,
} from './definition-team.ts';
import { getStage, type Stage } from './stage.ts';

const FOLDER = new URL('definitions/', import.meta.url);

/** A manifest in the shape of External Secrets' documentation, and, as its last document, the Secret that it makes. */
interface Example {
  readonly name: string;
  readonly text: string;
  readonly stores: readonly DefinitionStore[];
}

type Texts = Readonly<Record<string, string>>;

interface ExpectedSecret extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & {
    readonly labels?: Readonly<Record<string, string | null>>;
    readonly annotations?: Readonly<Record<string, string | null>>;
    readonly ownerReferences?: readonly unknown[];
  };
  readonly type?: string;
  readonly immutable?: boolean;
  readonly data?: Readonly<Record<string, string>>;
  /** `/…/` is a pattern. */
  readonly stringData?: Readonly<Record<string, string>>;
}

const examples = await loadExamples();
const rows = examples.flatMap((example) => example.stores.map((store) => ({ ...example, store })));

interface StoredSecret extends ExpectedSecret {
  readonly metadata: ExpectedSecret['metadata'] & { readonly labels?: Texts; readonly annotations?: Texts };
}

let stage: Stage;
let clouds: Clouds;
const teams = new Map<DefinitionStore, DefinitionTeam>();

beforeAll(async () => {
  stage = await getStage();
  clouds = await startClouds(stage);
  for (const store of DEFINITION_STORES) teams.set(store, await createDefinitionTeam(clouds, store));
});

afterAll(async () => {
  await clouds.stop();
});

async function loadExamples(): Promise<readonly Example[]> {
  const files = (await readdir(FOLDER)).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(new URL(file, FOLDER), 'utf8');
      const named = /^# stores: (.*)$/m.exec(text)?.[1]?.split(', ') ?? [];
      const stores = DEFINITION_STORES.filter((store) => named[0] === 'all' || named.includes(store));
      return { name: file.replace('.yaml', ''), text, stores };
    }),
  );
}

function teamOf(store: DefinitionStore): DefinitionTeam {
  const team = teams.get(store);
  if (team === undefined) throw new Error(`there is no team of ${store}`);
  return team;
}

async function secretOf(namespace: string, name: string): Promise<StoredSecret | undefined> {
  const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
  const { status, body } = await stage.plane.request<StoredSecret>('GET', path);
  return status === 200 ? body : undefined;
}

/** Why it is not synced, for whoever reads a failure. */
async function conditionOf(namespace: string, name: string): Promise<string> {
  const path = `/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets/${name}`;
  const { body } = await stage.plane.request<{ status?: { conditions?: readonly { message?: string }[] } }>(
    'GET',
    path,
  );
  return body.status?.conditions?.[0]?.message ?? 'it has no condition';
}

/** What is there, with the pattern in the place of a text that it matches. */
function withPatterns(actual: Texts, wanted: Texts): Texts {
  return Object.fromEntries(
    Object.entries(actual).map(([key, text]) => {
      const pattern = /^\/(.*)\/$/s.exec(wanted[key] ?? '')?.[1];
      return [key, pattern !== undefined && new RegExp(pattern).test(text) ? (wanted[key] ?? '') : text];
    }),
  );
}

function decoded(data: Texts = {}): Texts {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('latin1')]),
  );
}

/** Labels or annotations that the example speaks of; `null` where there must be none. */
function mentioned(actual: Texts = {}, wanted: Readonly<Record<string, string | null>> = {}) {
  const texts = Object.fromEntries(Object.entries(wanted).map(([key, text]) => [key, text ?? '']));
  const found = withPatterns(actual, texts);
  return Object.fromEntries(Object.keys(wanted).map((key) => [key, found[key] ?? null]));
}

describe('a manifest as it stands in documentation', () => {
  it.each(rows)('$name makes its Secret from $store', async ({ text, store }) => {
    const team = teamOf(store);
    const { namespace } = team;
    const documents = team.fillIn(text);
    const wanted = documents.at(-1) as ExpectedSecret;
    const definition = documents.at(-2);
    const owners = wanted.metadata.ownerReferences ?? [{ kind: 'ExternalSecret', name: definition?.metadata.name }];

    await stage.plane.apply(
      ...documents.slice(0, -1).map((object) => ({ ...object, metadata: { ...object.metadata, namespace } })),
    );

    const secret = await waitUntil(
      'the Secret',
      async () => {
        const found = await secretOf(namespace, wanted.metadata.name);
        if (found === undefined) throw new Error(await conditionOf(namespace, definition?.metadata.name ?? ''));
        return found;
      },
      { timeoutMs: 20_000 },
    );
    const data = {
      ...decoded(wanted.data),
      ...wanted.stringData,
    };
    expect(withPatterns(decoded(secret.data), data)).toEqual(data);
    expect(secret.type).toBe(wanted.type ?? 'Opaque');
    expect(secret.immutable ?? false).toBe(wanted.immutable ?? false);
    const { labels = {}, annotations = {} } = wanted.metadata;
    expect(mentioned(secret.metadata.labels, labels)).toEqual(labels);
    expect(mentioned(secret.metadata.annotations, annotations)).toEqual(annotations);
    expect(secret.metadata.ownerReferences ?? []).toMatchObject(owners);
    expect(secret.metadata.ownerReferences ?? []).toHaveLength(owners.length);
  });

  it('is listed by kubectl with the columns that people know', async () => {
    const { namespace } = teamOf('vault');

    const { stdout } = await stage.plane.kubectl(['get', 'externalsecret', '-n', namespace, 'data-property']);

    const [header = '', row = ''] = stdout.trim().split('\n');
    expect(header.split(/\s{2,}/)).toEqual([
      'NAME',
      'STORETYPE',
      'STORE',
      'REFRESH INTERVAL',
      'STATUS',
      'READY',
      'LAST SYNC',
    ]);
    expect(row.split(/\s{2,}/)).toEqual([
      'data-property',
      'SecretStore',
      `${namespace}-store`,
      '1h',
      'SecretSynced',
      'True',
      expect.stringMatching(/^\d+[sm]/),
    ]);
  });
});
