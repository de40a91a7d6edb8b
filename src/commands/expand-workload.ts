import { hash } from 'node:crypto';
import { kindOf, type Manifest, metadataOf, section } from './manifest.ts';

/** What the API server would see of a workload: the objects above its Pod, and the Pod as its controller creates it. */
export interface ExpandedWorkload {
  /** `Deployment payments/api` */
  readonly title: string;
  readonly namespace: string;
  /** The workload itself and its revision, which have to exist when the Pod is admitted. */
  readonly above: readonly Manifest[];
  readonly pod: Manifest;
}

export const WORKLOAD_KINDS: readonly string[] = [
  'Pod',
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
];

/** Plays the workload controllers for one Pod each, offline. Names and uids follow from the manifest, so output is stable. */
export function expandWorkload(manifest: Manifest): ExpandedWorkload {
  const kind = kindOf(manifest);
  const { name, namespace } = metadataOf(manifest);
  const workload = identified(manifest, namespace, name);
  const expand = EXPANDERS[kind] ?? expandPod;
  return { title: `${kind} ${namespace}/${name}`, namespace, ...expand(workload) };
}

type Expanded = Pick<ExpandedWorkload, 'above' | 'pod'>;

const EXPANDERS: Readonly<Record<string, (workload: Manifest) => Expanded>> = {
  ReplicaSet: (replicaSet) => ({ above: [replicaSet], pod: podOf(replicaSet, replicaSet) }),
  Job: (job) => ({ above: [job], pod: podOf(job, job) }),
  StatefulSet: expandRevisioned,
  DaemonSet: expandRevisioned,

  Deployment(deployment) {
    const { name, annotations } = metadataOf(deployment);
    const template = templateOf(deployment);
    const replicaSet = child(deployment, 'apps/v1', 'ReplicaSet', `${name}-${digest(template)}`, {
      annotations,
      template,
    });
    return { above: [deployment, replicaSet], pod: podOf(replicaSet, replicaSet) };
  },

  CronJob(cronJob) {
    const jobTemplate = section(section(cronJob, 'spec'), 'jobTemplate');
    const { annotations } = metadataOf(jobTemplate);
    const template = templateOf(jobTemplate);
    const job = child(cronJob, 'batch/v1', 'Job', `${metadataOf(cronJob).name}-1`, { annotations, template });
    return { above: [cronJob, job], pod: podOf(job, job) };
  },
};

function expandPod(pod: Manifest): Expanded {
  return { above: [], pod };
}

function expandRevisioned(workload: Manifest): Expanded {
  const { name } = metadataOf(workload);
  const revisionHash = digest(templateOf(workload));
  const revisionName = `${name}-${revisionHash}`;
  const revision = child(workload, 'apps/v1', 'ControllerRevision', revisionName, {});
  const label = kindOf(workload) === 'StatefulSet' ? revisionName : revisionHash;
  return { above: [workload, revision], pod: podOf(workload, workload, { 'controller-revision-hash': label }) };
}

function podOf(owner: Manifest, workload: Manifest, extraLabels: Readonly<Record<string, string>> = {}): Manifest {
  const template = templateOf(workload);
  const { labels, annotations } = metadataOf(template);
  const { name, namespace } = metadataOf(owner);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, ...extraLabels },
      ...(annotations && { annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: section(template, 'spec'),
  };
}

function child(
  owner: Manifest,
  apiVersion: string,
  kind: string,
  name: string,
  { annotations, template }: { annotations?: Readonly<Record<string, string>> | undefined; template?: Manifest },
): Manifest {
  const { namespace } = metadataOf(owner);
  const metadata = {
    name,
    namespace,
    ...(annotations && { annotations }),
    ownerReferences: [controllerReference(owner)],
  };
  return identified({ apiVersion, kind, metadata, ...(template && { spec: { template } }) }, namespace, name);
}

function controllerReference(owner: Manifest): object {
  const { name, uid } = metadataOf(owner);
  return {
    apiVersion: owner['apiVersion'],
    kind: owner['kind'],
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

function identified(manifest: Manifest, namespace: string, name: string): Manifest {
  const uid = uidOf(kindOf(manifest), namespace, name);
  return { ...manifest, metadata: { uid, ...section(manifest, 'metadata'), namespace } };
}

/** Of the form of a uid, and the same in every run. */
export function uidOf(kind: string, namespace: string, name: string): string {
  const hex = hash('sha256', `${kind}/${namespace}/${name}`);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

function templateOf(workload: Manifest): Manifest {
  return section(section(workload, 'spec'), 'template');
}

/** As short as a pod-template-hash. */
function digest(template: Manifest): string {
  return hash('sha256', JSON.stringify(template)).slice(0, 9);
}
