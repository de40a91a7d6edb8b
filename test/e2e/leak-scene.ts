import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { createMarker, type Marker, spellingsOf } from './marker.ts';
import { parseResponse, postToReplica, readPublished, reviewOf } from './replica-client.ts';
import type { Stage } from './stage.ts';
import { bare, createTeam, type EnvEntry, podSpec, untilRunning, workload } from './team.ts';

/** Everything has happened that could make a value show. */
export interface LeakScene {
  readonly namespace: string;
  /** In every value that Vault holds. */
  readonly marker: Marker;
  /** What stores log in with. */
  readonly credential: Marker;
  /** Where it is planted, it must be found. */
  readonly control: Marker;
  /** One of a ServiceAccount and one of Vault, planted beside the control marker. */
  readonly controlTokens: readonly string[];
  /** Answers to those who create Pods, of the API server and of a replica asked directly. */
  readonly answers: readonly string[];
}

/** What follows the key in a reference; with `${…}` inside a longer value. */
const SUCCEEDING = {
  PLAIN: '#password',
  INSIDE: '${#password}',
  TWICE: 'a=${#password}, b=${#user}, $${}',
  EXPANDED: '$(PLAIN)/${#password}',
  NESTED: '#json.inner',
  DECODED: '?decode=base64#encoded',
  OPTIONAL: '?optional#no-such',
};

const FAILING = {
  nul: '#nul',
  'too-large': '#large',
  'no-property': '#no-such',
  'no-property-of-text': '#password.inner.deeper',
  'no-property-of-json': '#json.no-such',
  'wrong-decode': '?decode=base64#password',
  'wrong-decode-url': '?decode=base64url#json',
  'one-of-two': '${#password} and ${#no-such}',
};

/** Plants markers and has Pods created in all ways, those that succeed and those that fail. */
export async function createLeakScene(stage: Stage): Promise<LeakScene> {
  const team = await createTeam(stage, 'leak');
  const [marker, credential, control] = [createMarker(), createMarker(), createMarker()];
  const answers: string[] = [];

  await plant();
  const [controlTokens] = await Promise.all([createControl(), createSucceeding(), createFailing(), askReplica()]);
  await applyStoresWithCredentials();
  return { namespace: team.namespace, marker, credential, control, controlTokens, answers };

  /** `#x` becomes a reference to property x of the team's remote secret, inside `${…}` too. */
  function toValue(template: string): string {
    const reference = `secretstore://vault/${team.namespace}/db`;
    if (!template.includes('${')) return `${reference}${template}`;
    return template.replaceAll(/\$\{(#[^}]+)\}/g, (_match, property: string) => `\${${reference}${property}}`);
  }

  function toEnv(templates: Readonly<Record<string, string>>): readonly EnvEntry[] {
    return Object.entries(templates).map(([name, template]) => ({ name, value: toValue(template) }));
  }

  async function plant(): Promise<void> {
    const { text } = marker;
    await team.put('db', {
      user: `user ${text}`,
      password: text,
      json: { inner: text, other: [text] },
      encoded: Buffer.from(text).toString('base64'),
      nul: `${text}\u0000${text}`,
      large: text.repeat(4096),
    });
    await team.put('config', { USER: text, PASSWORD: `p ${text}` });
  }

  async function createSucceeding(): Promise<void> {
    const env = toEnv(SUCCEEDING);
    const envFrom = { 'latchkey.dev/env-from': `secretstore://vault/${team.namespace}/config` };
    const template = { metadata: { labels: { app: 'job' } }, spec: { ...podSpec(env), restartPolicy: 'Never' } };
    const objects: readonly KubernetesObject[] = [
      workload('Deployment', 'deployment', { env, replicas: 3 }),
      workload('StatefulSet', 'statefulset', { env }),
      workload('Deployment', 'env-from', { templateAnnotations: envFrom }),
      workload('Deployment', 'annotated', { annotations: { 'latchkey.dev/env.ADDED': toValue('#password') } }),
      { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job' }, spec: { template } },
      bare('bare', env),
    ];
    for (const object of objects) await create(object);
    await Promise.all([
      untilRunning(team, 'deployment', 3),
      ...['statefulset', 'env-from', 'annotated'].map((app) => untilRunning(team, app, 1)),
      waitUntil('the Pod of the Job', async () => (await team.pods('app=job')).length > 0),
    ]);
    const container = { name: 'debug', image: 'i:1', env: toEnv({ DEBUG: 'x${#password}' }) };
    const { status, text } = await stage.plane.request(
      'PATCH',
      `/api/v1/namespaces/${team.namespace}/pods/bare/ephemeralcontainers`,
      {
        body: { spec: { ephemeralContainers: [container] } },
        contentType: 'application/strategic-merge-patch+json',
      },
    );
    answers.push(text);
    if (status !== 200) throw new Error(text);
  }

  async function create(object: KubernetesObject): Promise<void> {
    const answer = await team.create(object);
    answers.push(JSON.stringify(answer));
    if (answer.status !== 201) throw new Error(answer.message);
  }

  /** Each as a bare Pod, whose author reads the answer, and as a Deployment, whose author reads an Event. */
  async function createFailing(): Promise<void> {
    for (const [name, template] of Object.entries(FAILING)) {
      const env = toEnv({ FAILS: template });
      const answer = await team.create(bare(`fails-${name}`, env));
      answers.push(JSON.stringify(answer));
      if (answer.status !== 422) throw new Error(`${name} is not refused: ${answer.status} ${answer.message}`);
      await create(workload('Deployment', `fails-${name}`, { env }));
    }
    await waitUntil('an Event for each', async () => {
      const events = await team.events();
      return Object.keys(FAILING).every((name) =>
        events.some(({ reason, regarding }) => reason === 'FailedCreate' && regarding.includes(`fails-${name}-`)),
      );
    });
  }

  /** What a replica answers, with its patch in plain text beside it. */
  async function askReplica(): Promise<void> {
    const published = await waitUntil('the published configuration', () => readPublished(stage.plane));
    for (const template of [...Object.values(SUCCEEDING), ...Object.values(FAILING)]) {
      const review = reviewOf(team.namespace, bare('asked', toEnv({ ASKED: template })));
      const answer = await postToReplica(stage, 0, JSON.stringify(review), published);
      const { patch = '' } = parseResponse(answer);
      answers.push(answer.text, Buffer.from(patch, 'base64').toString());
    }
  }

  /** Stores that log in with a token that Vault does not know, and with one that no HTTP header can carry. */
  async function applyStoresWithCredentials(): Promise<void> {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'vault-approle', namespace: 'credentials' },
      stringData: { 'leak-unknown': credential.core, 'leak-unsendable': `${credential.text}\n` },
    };
    const { status, text } = await stage.plane.request(
      'PATCH',
      '/api/v1/namespaces/credentials/secrets/vault-approle?fieldManager=leak',
      { body: secret, contentType: 'application/apply-patch+yaml' },
    );
    if (status >= 300) throw new Error(text);
    for (const key of ['leak-unknown', 'leak-unsendable']) {
      await stage.plane.apply({
        apiVersion: 'external-secrets.io/v1',
        kind: 'ClusterSecretStore',
        metadata: { name: key, annotations: { 'latchkey.dev/pods': 'allowed' } },
        spec: {
          provider: {
            vault: {
              server: stage.vault.address,
              path: 'secret',
              version: 'v2',
              auth: { tokenSecretRef: { namespace: 'credentials', name: 'vault-approle', key } },
            },
          },
        },
      });
      await waitUntil(`the condition of ${key}`, async () => {
        const store = await team.get<{ status?: { conditions?: readonly { status: string }[] } }>(
          `/apis/external-secrets.io/v1/clustersecretstores/${key}`,
        );
        return store.status?.conditions?.some(({ status: ready }) => ready === 'False');
      });
      const answer = await team.create(bare(key, [{ name: 'A', value: `clustersecretstore://${key}/any#x` }]));
      answers.push(JSON.stringify(answer));
      if (answer.status === 201) throw new Error(`${key} can be read`);
    }
  }

  /** A Pod that carries the control marker in all spellings, tokens as real as any, and a name that everybody repeats. */
  async function createControl(): Promise<readonly string[]> {
    const { plane, vault } = stage;
    const account = { namespace: team.namespace, serviceAccount: 'app' };
    const serviceAccount = await plane.tokenFor(account, { audiences: ['vault'], expirationSeconds: 600 });
    const login = await vault.api<{ auth: { client_token: string } }>('POST', 'auth/kubernetes/login', {
      body: { role: team.namespace, jwt: serviceAccount },
    });
    const tokens = [serviceAccount, login.body.auth.client_token];
    const spellings = [...spellingsOf(control.text).keys()];
    const annotations = Object.fromEntries(spellings.map((spelling, index) => [`e2e/spelling-${index}`, spelling]));
    await create(
      bare(control.core, toEnv({ A: '#password' }), {
        annotations: { ...annotations, 'e2e/tokens': tokens.join(' ') },
      }),
    );
    await plane.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'control', namespace: team.namespace, labels: { control: control.core } },
    });
    answers.push(
      JSON.stringify(await team.create(bare('no-store', [{ name: 'A', value: `secretstore://${control.core}/k` }]))),
    );
    await waitUntil('an Event about it', async () =>
      (await team.events()).some(({ regarding }) => regarding.includes(control.core)),
    );
    return tokens;
  }
}
