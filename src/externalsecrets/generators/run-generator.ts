import { LatchkeyError } from '../../errors.ts';
import type { Fields } from '../../fields.ts';
import type { StoreCredentials } from '../../identity/store-credentials.ts';
import type { Call } from '../../identity/store-identity.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { ProviderLimits } from '../../providers/provider.ts';
import type { Content } from '../content.ts';
import type { GeneratorReference } from '../definition.ts';
import { fake } from './fake.ts';
import type { Generator } from './generator.ts';
import { password } from './password.ts';
import { readGenerator, titleOf } from './read-generator.ts';
import { uuid } from './uuid.ts';
import { createWebhookGenerator } from './webhook.ts';

/** Makes what `sourceRef.generatorRef` names. */
export interface GeneratorRunner {
  /** Throws EXTERNAL_SECRET_INVALID for a generator that is missing, unknown or wrong, else what it throws itself. */
  run(reference: GeneratorReference, namespace: string, call: Call): Promise<Content>;
}

export interface GeneratorRunnerOptions {
  readonly kube: Pick<KubeClient, 'request'>;
  /** Secrets and ConfigMaps that webhooks name. */
  readonly credentials: StoreCredentials;
  readonly limitsFor: (provider: string) => ProviderLimits;
  readonly controllerClass: string;
}

export function createGeneratorRunner(options: GeneratorRunnerOptions): GeneratorRunner {
  const { kube, credentials, limitsFor, controllerClass } = options;
  const generators = [password, uuid, fake, createWebhookGenerator({ credentials, limits: limitsFor('webhook') })];

  return {
    async run(reference, namespace, call) {
      if (reference.kind !== 'ClusterGenerator') findGenerator(reference.kind, generators);
      const { kind, spec } = await readGenerator(kube, reference, namespace, call);
      const generator = findGenerator(kind, generators);
      checkClass(reference, spec, controllerClass);
      const content = await generator.generate(spec, namespace, call);
      if (spec.problems.length > 0) throw wrong(reference, spec);
      return content;
    },
  };
}

function findGenerator(kind: string, generators: readonly Generator[]): Generator {
  const generator = generators.find((one) => one.kind === kind);
  if (generator !== undefined) return generator;
  const known = generators.map((one) => one.kind).join(', ');
  throw new LatchkeyError('EXTERNAL_SECRET_INVALID', `Latchkey has no generator of the kind "${kind}"`, {
    hint: `Use one of ${known}, in a ClusterGenerator too`,
  });
}

function checkClass(reference: GeneratorReference, spec: Fields, controllerClass: string): void {
  const controller = spec.raw('controller');
  if (typeof controller !== 'string' || controller === '' || controller === controllerClass) return;
  throw new LatchkeyError(
    'STORE_NOT_ALLOWED',
    `${titleOf(reference)} belongs to the controller class "${controller}"`,
    {
      hint: `Use a generator without spec.controller, or one with "${controllerClass}"`,
    },
  );
}

function wrong(reference: GeneratorReference, { problems }: Fields): LatchkeyError {
  const mistakes = problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return new LatchkeyError('EXTERNAL_SECRET_INVALID', `${titleOf(reference)} has mistakes: ${mistakes}`, {
    hint: 'Correct the generator',
  });
}
