/** All keys of our own begin so. Other tools' subdomains (`x.latchkey.dev/…`) are not ours. */
export const PREFIX = 'latchkey.dev/';

// On the Pod, or on the workload above it.

/** Variables to add, as YAML: `{NAME: REF, …}`. The only form for names over 59 characters or ending in `_`, `-` or `.`. */
export const ENV = `${PREFIX}env`;
/** One variable to add: `latchkey.dev/env.NAME: REF`. Kubernetes limits what follows `latchkey.dev/` to 63 characters. */
export const ENV_PREFIX = `${ENV}.`;
/** JSON secrets whose properties all become variables: `REF[, REF]`, each with an optional `?prefix=P_`. */
export const ENV_FROM = `${PREFIX}env-from`;
/** ExternalSecrets whose data become variables, fetched as this Pod: `NAME[, NAME]`. */
export const EXTERNAL_SECRET = `${PREFIX}external-secret`;
/** Files to mount, as YAML: `{PATH: REF, …}`. */
export const FILES = `${PREFIX}files`;
/** The directory for `files`. */
export const FILES_PATH = `${PREFIX}files-path`;
/** Limits the annotations above to these containers: `a, b`. */
export const CONTAINERS = `${PREFIX}containers`;

// On the Pod, the workload, the ServiceAccount or the Namespace.

/** The store of references that name none: `NAME` or `cluster/NAME`. */
export const STORE = `${PREFIX}store`;
/** How values reach the Pod: `secret`, `gate` or `inline`. */
export const DELIVERY = `${PREFIX}delivery`;
/** How often values are read again while the Pod lives: a duration such as `1h`. */
export const REFRESH_INTERVAL = `${PREFIX}refresh-interval`;
/** Rolls the workload when a value changed: `"true"`. */
export const RESTART_ON_CHANGE = `${PREFIX}restart-on-change`;
/** As an annotation, `"false"` leaves a Pod alone. As a Namespace's label, `enabled` opts the namespace in. */
export const INJECT = `${PREFIX}inject`;
/** The value of the label `latchkey.dev/inject` on a Namespace that opted in. */
export const INJECT_ENABLED = 'enabled';

// Written by Latchkey.

/** Annotation on the Pod: names, keys and references of what was planned; never values. */
export const PLAN = `${PREFIX}plan`;
/** Label on the Pod, `"true"`: its plan is carried out. */
export const INJECTED = `${PREFIX}injected`;
/** Annotation on our Secret: when the provider said 403 or 404, which ends serving from it. */
export const REFUSED_AT = `${PREFIX}refused-at`;

// Written by operators on other objects.

/** On a ClusterSecretStore, `allowed`: Pods may read it with its own identity or credentials. */
export const PODS = `${PREFIX}pods`;
/** On a Secret, `"true"`: Latchkey may take it over as an ExternalSecret's target. */
export const ADOPT = `${PREFIX}adopt`;

/** What may stand on a Pod or a workload only. */
export const WORKLOAD_KEYS: ReadonlySet<string> = new Set([
  ENV,
  ENV_FROM,
  EXTERNAL_SECRET,
  FILES,
  FILES_PATH,
  CONTAINERS,
]);

/** What may stand on any object that a Pod's settings come from. */
export const SHARED_KEYS: ReadonlySet<string> = new Set([STORE, DELIVERY, REFRESH_INTERVAL, RESTART_ON_CHANGE, INJECT]);

/** Our own marks: read elsewhere, and no news to anybody where they are found. */
export const MARKS: ReadonlySet<string> = new Set([PLAN, INJECTED, REFUSED_AT]);

/** Keys without effect on a Pod or above it, with the kind of object they belong on. */
export const KEYS_OF_OTHERS: ReadonlyMap<string, string> = new Map([
  [PODS, 'a ClusterSecretStore'],
  [ADOPT, 'a Secret'],
]);
