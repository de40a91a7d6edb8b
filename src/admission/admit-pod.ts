import { LatchkeyError } from '../errors.ts';
import type { Filler } from '../delivery/fill.ts';
import type { ServiceAccountLookup } from '../identity/service-account-index.ts';
import type { Call } from '../identity/store-identity.ts';
import type { DefinitionIndex } from '../planning/definition.ts';
import type { Plan } from '../planning/plan.ts';
import { type PlanSettings, planPod } from '../planning/plan-pod.ts';
import { type PodView, viewPod } from '../planning/pod-view.ts';
import type { NamespaceIndex } from '../stores/namespace-index.ts';
import type { NamespaceFacts, StoreIndex } from '../stores/store.ts';
import type { AdmissionRequest } from './admission-request.ts';
import type { Decision } from './decision.ts';
import { newEphemeralContainers, type verifyPod } from './ephemeral.ts';
import type { OwnerLookup } from './owner-lookup.ts';
import type { SyncWaits, Waited } from './sync-waits.ts';

export interface AdmitPodOptions {
  /** As our own watch knows them; one that it does not know as opted in is asked for once more. */
  readonly namespaces: Pick<NamespaceIndex, 'get' | 'find' | 'isOptedIn'>;
  readonly serviceAccounts: ServiceAccountLookup;
  readonly owners: OwnerLookup;
  readonly verifyPod: ReturnType<typeof verifyPod>;
  readonly stores: StoreIndex;
  readonly definitions: DefinitionIndex;
  readonly syncs: SyncWaits;
  readonly settings: PlanSettings;
  readonly filler: Filler;
}

export type AdmitPod = (request: AdmissionRequest, call: Call) => Promise<Decision>;

/** The use case: a Pod is created, and starts with its secrets, or is refused with everything that is wrong. */
export function createAdmitPod(options: AdmitPodOptions): AdmitPod {
  return async function admitPod(request, call) {
    const { namespace: name, dryRun } = request;
    const pod = viewPod(request.object);
    // What is known is not awaited: nearly every admission passes here without a turn of the event loop.
    const namespace = knownOptedIn(name, options) ?? (await requireOptedIn(name, options, call));
    const serviceAccount =
      options.serviceAccounts.get(name, pod.serviceAccountName) ??
      (await requireServiceAccount(name, pod, options, call));
    const workload = options.owners.cached(name, pod) ?? (await options.owners.find(name, pod, call));

    const { owner, containers, mode } =
      request.operation === 'CREATE'
        ? ({ mode: 'create', owner: workload.owner, containers: pod.containers } as const)
        : await ephemeralSubject(request, pod, options, call);
    const { stores, definitions, settings } = options;
    const plan = planPod({
      pod,
      containers,
      mode,
      namespace,
      serviceAccount,
      owner,
      above: workload.sources,
      stores,
      definitions,
      settings,
    });

    const waited = plan.awaits.length === 0 ? NOT_WAITED : await awaitDefinitions(request, plan, options, call);
    const problems = [...plan.problems, ...waited.problems];
    const warnings = [...plan.warnings, ...waited.warnings];
    if (dryRun || plan.secrets.length === 0) return decide(problems, plan.patch, warnings);
    const asker = { namespace: name, serviceAccount };
    const filled = await options.filler.fill(plan.secrets, asker, problems.length === 0, call);
    return decide([...problems, ...filled.problems], plan.patch, [...warnings, ...filled.warnings]);
  };
}

const NOT_WAITED: Waited = Object.freeze({ problems: [], warnings: [] });

/** A Pod that is refused anyway is not held up: what is known of its definitions is told with the rest. */
function awaitDefinitions(
  { namespace, dryRun }: AdmissionRequest,
  { awaits, problems }: Plan,
  { syncs }: AdmitPodOptions,
  call: Call,
): Waited | Promise<Waited> {
  return dryRun || problems.length > 0 ? syncs.look(namespace, awaits) : syncs.wait(namespace, awaits, call);
}

function decide(
  problems: readonly LatchkeyError[],
  patch: Extract<Decision, { kind: 'patched' }>['patch'],
  warnings: readonly string[],
): Decision {
  if (problems.length > 0) return { kind: 'denied', problems, warnings };
  return patch.length === 0 ? { kind: 'unchanged', warnings } : { kind: 'patched', patch, warnings };
}

async function ephemeralSubject(request: AdmissionRequest, pod: PodView, options: AdmitPodOptions, call: Call) {
  const containers = newEphemeralContainers(pod, request.oldObject);
  const owner = await options.verifyPod(request, call);
  return { mode: 'ephemeral', owner, containers } as const;
}

/** Our own look at the label: whoever holds the path can claim any namespace. */
function knownOptedIn(name: string, { namespaces }: AdmitPodOptions): NamespaceFacts | undefined {
  const known = namespaces.get(name);
  return known !== undefined && namespaces.isOptedIn(known) ? known : undefined;
}

async function requireOptedIn(name: string, { namespaces }: AdmitPodOptions, call: Call): Promise<NamespaceFacts> {
  const found = await namespaces.find(name, call.signal);
  if (found !== undefined && namespaces.isOptedIn(found)) return found;
  throw new LatchkeyError('NAMESPACE_NOT_OPTED_IN', `namespace "${name}" has not opted in`, {
    hint: `Run kubectl label namespace ${name} latchkey.dev/inject=enabled`,
  });
}

async function requireServiceAccount(namespace: string, pod: PodView, options: AdmitPodOptions, call: Call) {
  const found = await options.serviceAccounts.find(namespace, pod.serviceAccountName, call.signal);
  if (found !== undefined) return found;
  throw new LatchkeyError(
    'SERVICE_ACCOUNT_NOT_FOUND',
    `ServiceAccount "${namespace}/${pod.serviceAccountName}" does not exist`,
    {
      hint: 'Create it, or correct spec.serviceAccountName',
    },
  );
}
