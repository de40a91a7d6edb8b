import { LatchkeyError } from '../../errors.ts';
import { titleOf } from '../no-answer.ts';

/** As whom the cluster is read. Holds no secret. */
export interface Principal {
  /** For messages: `ServiceAccount payments/api`. */
  readonly title: string;
  /** The subject of a RoleBinding, as `kubectl create rolebinding` takes it. */
  readonly subject: string;
  /** Where such a subject is bound, with what to know of its name. */
  readonly bindIn: string;
  /** What to look at first when it is not believed. */
  readonly check: string;
}

/** Who asks which cluster: what messages name. */
export interface Scene {
  readonly host: string;
  /** Whose Secrets are read. */
  readonly namespace: string;
  readonly principal: Principal;
}

export type Step =
  | { readonly kind: 'get'; readonly name: string }
  | { readonly kind: 'list' }
  | { readonly kind: 'review' };

export const PEER_NAME = 'the API server';

/** Such as `the API server at api.example.com:6443`. */
export function serverOf({ host }: Pick<Scene, 'host'>): string {
  return titleOf({ name: PEER_NAME, host });
}

/** An answer in no form of an API server's: a proxy, a web page, another service. */
export function notKubernetes(status: number, scene: Pick<Scene, 'host'>): LatchkeyError {
  return new LatchkeyError(
    'PROVIDER_UNAVAILABLE',
    `${serverOf(scene)} answered ${status} in a form that is not Kubernetes'`,
    {
      hint: 'Check that spec.provider.kubernetes.server.url is the address of an API server, not of a proxy or a web page',
    },
  );
}
