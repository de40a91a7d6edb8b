import { isMapping } from '../../fields.ts';
import type { Call, Fetched, RemoteRef, SecretsClient } from '../provider.ts';
import type { ApiAnswer, Ask } from './api.ts';
import { fromAnswer, mayReadNothing } from './errors.ts';
import { findSecrets } from './find.ts';
import { notKubernetes, type Scene, type Step } from './scene.ts';
import { checkSecretName } from './secret-name.ts';
import { dataToJson, jsonToData, metadataToJson } from './secret-json.ts';

export interface KubernetesReader {
  readonly ask: Ask;
  readonly scene: Scene;
  readonly expiresAt: Date;
  readonly maxResponseBytes: number;
  close(): Promise<void>;
}

/** Reads the Secrets of one namespace with one credential, until it is closed. */
export function createClient(reader: KubernetesReader): SecretsClient {
  const { ask, scene, expiresAt, maxResponseBytes } = reader;
  const secrets = `/api/v1/namespaces/${scene.namespace}/secrets`;

  /** The version of a reference counts for nothing, as in External Secrets: a Secret has one. */
  async function read({ key: name, metadata }: RemoteRef, call: Call): Promise<Fetched> {
    checkSecretName(name);
    const answer = await ask({ path: `${secrets}/${name}` }, call);
    const step: Step = { kind: 'get', name };
    const facts = answer.body?.['metadata'];
    if (answer.status !== 200) throw fromAnswer(answer, step, scene);
    if (answer.body?.['kind'] !== 'Secret' || !isMapping(facts) || facts['name'] !== name) {
      throw notKubernetes(answer.status, scene);
    }
    const value = metadata === true ? metadataToJson(facts) : dataToJson(answer.body['data']);
    if (value === undefined) throw notKubernetes(answer.status, scene);
    return { value };
  }

  return {
    expiresAt,
    read,
    find: (query, call) => findSecrets(query, call, { ask, scene, secrets, read, maxResponseBytes }),
    toMap: jsonToData,
    async validate(call) {
      const answer = await ask(
        {
          path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
          body: {
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SelfSubjectRulesReview',
            spec: { namespace: scene.namespace },
          },
        },
        call,
      );
      if (answer.status === 201) return checkRules(answer, scene);
      const error = fromAnswer(answer, { kind: 'review' }, scene);
      // It knows whom it refuses to tell: the identity is accepted, and the first read shows the rest.
      if (error.code !== 'ACCESS_DENIED') throw error;
    },
    close: () => reader.close(),
  };
}

/** Only rules count, not names: a Role for single Secrets is as it should be. */
function checkRules({ status, body }: ApiAnswer, scene: Scene): void {
  const review = body?.['status'];
  const rules = isMapping(review) ? review['resourceRules'] : undefined;
  if (!isMapping(review) || !Array.isArray(rules)) throw notKubernetes(status, scene);
  // Authorizers that cannot list their rules say that the list is incomplete.
  if (review['incomplete'] === true || rules.some(allowsReading)) return;
  throw mayReadNothing(scene);
}

function allowsReading(rule: unknown): boolean {
  return (
    isMapping(rule) && has(rule['apiGroups'], '') && has(rule['resources'], 'secrets') && has(rule['verbs'], 'get')
  );
}

function has(list: unknown, item: string): boolean {
  return Array.isArray(list) && (list.includes(item) || list.includes('*'));
}
