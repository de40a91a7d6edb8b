// Usage: node test/plane/start.ts
// A plane to try things in: builds what is missing, starts a control plane, a node and OpenBao, runs until Ctrl-C.
import { buildPlane } from './build.ts';
import { startPlane } from './plane.ts';

const built = await buildPlane();
if (!built.ok) {
  console.error(`the plane cannot be built: ${built.reason}`);
  process.exit(1);
}

const startedMs = Date.now();
const plane = await startPlane({ parts: built.parts });
// Before anything else: from here on Ctrl-C has something to clean up.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void plane.stop().then(() => process.exit(0)));
}
await plane.addNodes(1);
const vault = await plane.startVault();
const enter = plane.serviceRouting ? `nsenter --net --target ${process.pid} ` : '';

console.log(`
ready after ${((Date.now() - startedMs) / 1000).toFixed(1)} s; Ctrl-C stops everything

  export KUBECONFIG=${plane.adminKubeconfigPath}
  ${enter}${plane.kubectlPath} get pods -A
  ${enter}${plane.helmPath} list -A

  OpenBao     ${vault.address} (token "${vault.rootToken}"), auth/kubernetes is configured
  audit log   ${plane.auditLogPath}
  logs, data  ${plane.directory}
  webhooks    ${plane.serviceRouting ? `clientConfig.service, endpoints on ${plane.addresses.join(', ')}` : 'clientConfig.url only'}
`);
