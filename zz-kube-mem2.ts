import { fork } from 'node:child_process';
import { pino } from 'pino';
import { createServer } from 'node:http';
if (process.argv[2] === 'server') {
  const N = 10000;
  const pod = (i: number, rv: number) => ({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: `pod-${i}`, namespace: `ns-${i % 50}`, uid: `uid-${i}`, resourceVersion: String(rv), labels: { app: 'x', 'latchkey.dev/injected': 'true' }, annotations: { 'latchkey.dev/plan': 'p'.repeat(600) }, managedFields: [{ fieldsV1: { a: 'm'.repeat(2500) } }] } });
  let rv = 20000;
  const server = createServer((q, r) => {
    const u = new URL(q.url!, 'http://x');
    if (u.searchParams.has('watch')) {
      r.writeHead(200); r.flushHeaders();
      const t = setInterval(() => { for (let k = 0; k < 20; k += 1) { rv += 1; r.write(JSON.stringify({ type: 'MODIFIED', object: pod(rv % N, rv) }) + '\n'); } }, 100);
      r.on('close', () => clearInterval(t));
      return;
    }
    const from = Number(u.searchParams.get('continue') ?? 0);
    const items = Array.from({ length: Number(u.searchParams.get('limit')) }, (_, i) => pod(from + i, from + i + 1));
    r.end(JSON.stringify({ kind: 'PartialObjectMetadataList', metadata: { resourceVersion: '20000', ...(from + Number(u.searchParams.get('limit')) < N ? { continue: String(from + Number(u.searchParams.get('limit'))) } : {}) }, items }));
  });
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as any).port));
} else {
  const { createKubeClient } = await import('/work/main/src/kube/http-client.ts');
  const { startReflector } = await import('/work/main/src/kube/zz-reflector.ts');
  const { createObjectCache } = await import('/work/main/src/kube/object-cache.ts');
  const child = fork('/work/main/zz-kube-mem2.ts', ['server']);
  const port = await new Promise<number>((r) => child.once('message', (m) => r(m as number)));
  const client = createKubeClient({ server: `http://127.0.0.1:${port}`, tls: {}, authHeader: async () => undefined });
  const cache = createObjectCache({ transform: (o: any) => ({ uid: o.metadata.uid, plan: o.metadata.annotations['latchkey.dev/plan'] }) });
  const rss = () => Math.round(process.memoryUsage().rss / 1e6);
  console.log('before', rss());
  const t = performance.now();
  const r = startReflector({ client, path: '/api/v1/pods', metadataOnly: true, handler: cache, log: pino({ level: 'silent' }) });
  await r.synced;
  console.log('synced ms', Math.round(performance.now() - t), 'rss', rss(), 'size', cache.size);
  for (let i = 0; i < 5; i += 1) { const c = process.cpuUsage(); await new Promise((f) => setTimeout(f, 3000)); const d = process.cpuUsage(c); console.log('rss', rss(), 'cpu % at 2000 events/s', Math.round((d.user + d.system) / 30000)); }
  await r.stop(); await client.close(); child.kill();
}
