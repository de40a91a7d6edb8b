import type { PlaneClient } from './plane-client.ts';
import { waitUntil } from './wait-until.ts';

const PODS_PER_NODE = 600; // far over a real node's 110: a test of 500 Pods fits on one

interface NodeObject {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Adds simulated nodes, kept Ready by KWOK, and waits until they are. */
export async function addNodes(plane: PlaneClient, count: number): Promise<void> {
  const { body } = await plane.request<{ items: readonly unknown[] }>('GET', '/api/v1/nodes');
  const names = Array.from({ length: count }, (_, index) => `node-${body.items.length + index + 1}`);
  await Promise.all(names.map((name) => addNode(plane, name)));
}

async function addNode(plane: PlaneClient, name: string): Promise<void> {
  const resources = { cpu: '1k', memory: '1Ti', 'ephemeral-storage': '1Ti', pods: String(PODS_PER_NODE) };
  const created = await plane.request('POST', '/api/v1/nodes', {
    body: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
        annotations: { 'kwok.x-k8s.io/node': 'fake' },
      },
      // The scheduler places nothing on a node without these.
      status: { capacity: resources, allocatable: resources },
    },
  });
  if (created.status !== 201) throw new Error(`cannot create node ${name}: ${created.text}`);
  await waitUntil(`node ${name}`, async () => {
    const { body } = await plane.request<NodeObject>('GET', `/api/v1/nodes/${name}`);
    return body.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  });
}
