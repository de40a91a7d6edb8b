import { LatchkeyError } from '../../errors.ts';
import type { StoreCredentials } from '../../identity/store-credentials.ts';
import type { SecretKeySelector, StoreIdentity } from '../../identity/store-identity.ts';
import type { ProviderLimits } from '../../providers/provider.ts';
import { isJsonObject, parseJson, toGoText } from '../../providers/json.ts';
import { SecretValue } from '../../secret-value.ts';
import type { Content } from '../content.ts';
import type { Generator } from './generator.ts';

export interface WebhookGeneratorOptions {
  readonly credentials: StoreCredentials;
  /** What the operator allows the provider of that name: the same hosts are open to the generator, and no others. */
  readonly limits: ProviderLimits;
}

/** Values that a service makes: the webhook provider's one request, whose answer is a JSON object. */
export function createWebhookGenerator({ credentials, limits }: WebhookGeneratorOptions): Generator {
  return {
    kind: 'Webhook',

    async generate(spec, namespace, call): Promise<Content> {
      // A provider's code is loaded by those who use it.
      const { webhook } = await import('../../providers/webhook/index.ts');
      const configured = webhook.configure(spec, limits);
      if (spec.problems.length > 0) return new Map();

      const client = await configured.connect(identityIn(namespace), call);
      try {
        const { value } = await client.read({ key: '' }, call);
        return toContent(value);
      } finally {
        await client.close?.();
      }
    },
  };

  /** Generators reach nothing outside of their namespace. */
  function identityIn(namespace: string): StoreIdentity {
    return {
      key: namespace,
      token: () => Promise.reject(new LatchkeyError('INTERNAL', 'a generator asked for a token')),
      credential: async (selector, call) => {
        if (selector.namespace !== undefined && selector.namespace !== namespace) throw isElsewhere(selector);
        return credentials.read({ ...selector, namespace, namedBy: 'the generator' }, call);
      },
    };
  }
}

function toContent(value: SecretValue): Content {
  const object = parse(value.exposeText());
  if (!isJsonObject(object)) {
    throw new LatchkeyError('VALUE_INVALID', 'the answer holds no JSON object', {
      hint: 'Set result.jsonPath to where the object is',
    });
  }
  return new Map(Object.entries(object).map(([key, member]) => [key, SecretValue.fromText(toGoText(member))]));
}

/** The parser's message would quote the answer. */
function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function isElsewhere({ kind, name }: SecretKeySelector): LatchkeyError {
  return new LatchkeyError('EXTERNAL_SECRET_INVALID', `${kind} "${name}" lies in another namespace`, {
    hint: 'Leave the namespace out: a generator reads in its own',
  });
}
