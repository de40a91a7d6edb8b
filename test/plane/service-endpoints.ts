import { request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { PlaneClient } from './plane-client.ts';

export interface EndpointTarget {
  readonly address: string;
  /** Asked as kubelet would, e.g. `https://10.231.0.1:8443/readyz`; the certificate is not verified. */
  readonly probeUrl: string;
}

export interface ServiceEndpointsOptions {
  readonly namespace: string;
  readonly service: string;
  /** Where the targets listen: the Service's `targetPort`. */
  readonly port: number;
  readonly targets: readonly EndpointTarget[];
}

/** Stands in for kubelet's readiness probe and the EndpointSlice controller of one Service without selector. */
export interface ServiceEndpoints {
  /** Addresses that are listed now. */
  listed(): readonly string[];
  add(target: EndpointTarget): void;
  /** Takes an address out at once and for good, as the deletion of its Pod does. */
  remove(address: string): Promise<void>;
  /** Stops probing; the slice stays as it is. */
  stop(): Promise<void>;
}

const PROBE_INTERVAL_MS = 250;
const PROBE_TIMEOUT_MS = 1000; // kubelet's default

interface ServiceObject {
  readonly spec: { readonly ports: readonly { readonly name?: string }[] };
}

/** Keeps an EndpointSlice in step with what the probes say; resolves when its first state is written. */
export async function keepServiceEndpoints(
  plane: PlaneClient,
  { namespace, service, port, targets }: ServiceEndpointsOptions,
): Promise<ServiceEndpoints> {
  const path = `/api/v1/namespaces/${namespace}/services/${service}`;
  const { status, body, text } = await plane.request<ServiceObject>('GET', path);
  if (status !== 200) throw new Error(`Service ${namespace}/${service}: ${text}`);
  const portName = body.spec.ports[0]?.name ?? ''; // the API server joins Service and slice by it

  const wanted = new Map(targets.map((target) => [target.address, target]));
  const ready = new Set<string>();
  let written: string | undefined;
  let writing = Promise.resolve();

  async function write(): Promise<void> {
    const addresses = [...ready].filter((address) => wanted.has(address)).sort();
    if (written === addresses.join()) return;
    await applySlice(plane, { namespace, service, port, portName, addresses });
    written = addresses.join();
  }
  // One write at a time, each with the state of its own moment: a late one cannot bring back what was removed.
  function sync(): Promise<void> {
    writing = writing.then(write, write);
    return writing;
  }

  async function probeAll(): Promise<void> {
    await Promise.all(
      [...wanted.values()].map(async ({ address, probeUrl }) => {
        if (await probe(probeUrl)) ready.add(address);
        else ready.delete(address);
      }),
    );
    await sync();
  }

  const stopped = new AbortController();
  async function keep(): Promise<void> {
    while (!stopped.signal.aborted) {
      await delay(PROBE_INTERVAL_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      // A write can fail while the API server restarts; the next round tries again.
      if (!stopped.signal.aborted) await probeAll().catch(() => undefined);
    }
  }
  await probeAll();
  const keeping = keep();

  return {
    listed: () => (written ?? '').split(',').filter((address) => address !== ''),
    add(target) {
      wanted.set(target.address, target);
    },
    async remove(address) {
      wanted.delete(address);
      await sync();
    },
    async stop() {
      stopped.abort();
      await keeping;
    },
  };
}

interface Slice {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  readonly portName: string;
  readonly addresses: readonly string[];
}

async function applySlice(plane: PlaneClient, slice: Slice): Promise<void> {
  const name = `${slice.service}-plane`;
  const path = `/apis/discovery.k8s.io/v1/namespaces/${slice.namespace}/endpointslices/${name}`;
  const answer = await plane.request('PATCH', `${path}?fieldManager=plane-endpoints&force=true`, {
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name,
        labels: {
          'kubernetes.io/service-name': slice.service,
          'endpointslice.kubernetes.io/managed-by': 'latchkey-plane',
        },
      },
      addressType: 'IPv4',
      ports: [{ name: slice.portName, port: slice.port, protocol: 'TCP' }],
      endpoints: slice.addresses.map((address) => ({
        addresses: [address],
        conditions: { ready: true, serving: true, terminating: false },
      })),
    },
  });
  if (answer.status >= 300) throw new Error(`EndpointSlice ${name}: ${answer.text}`);
}

function probe(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { rejectUnauthorized: false, agent: false, timeout: PROBE_TIMEOUT_MS };
    const call = request(url, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.once('timeout', () => call.destroy(new Error('timed out')));
    call.once('error', () => resolve(false));
    call.end();
  });
}
