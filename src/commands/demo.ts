import { structuredPatch } from 'diff';
import { fileURLToPath } from 'node:url';
import { type Config, parseConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { type ExpandedWorkload, expandWorkload, WORKLOAD_KINDS } from './expand-workload.ts';
import { applyPatch } from './admit-offline.ts';
import { startDemoServer } from './demo-server.ts';
import { missingServiceAccounts, type Offline, reviewOf, startOffline } from './offline.ts';
import { maskSecret, printManifest } from './print-manifest.ts';
import { readManifests } from './read-manifests.ts';
import { type Painter, paint } from './paint.ts';

const CONTEXT_LINES = 3;

/** `latchkey demo`: a real server, real reviews over TLS, a cluster in memory. Shows what is in demo/*.yaml, nothing canned. */
export async function runDemo(): Promise<void> {
  const config = parseConfig('server: { listen: "127.0.0.1:0", drain: 0s, accessLog: false }');
  const workloads = (await readManifests([demoFile('workloads.yaml')]))
    .filter(({ kind }) => WORKLOAD_KINDS.includes(String(kind)))
    .map(expandWorkload);
  const cluster = await readManifests([demoFile('cluster.yaml')]);
  const accounts = missingServiceAccounts(
    cluster,
    workloads.map(({ pod }) => pod),
  );
  const offline = await startOffline(
    [...cluster, ...workloads.flatMap(({ above }) => above), ...accounts],
    config,
    createLog('silent'),
  );
  try {
    await show(workloads, offline, config, (text) => process.stdout.write(`${text}\n`));
  } finally {
    await offline.stop();
  }
}

async function show(
  workloads: readonly ExpandedWorkload[],
  offline: Offline,
  config: Config,
  print: (text: string) => void,
): Promise<void> {
  const style = paint(process.stdout);
  const server = await startDemoServer(offline.admit, config.server);
  print(style.dim(`HTTPS server on ${server.origin}, cluster in memory`));
  try {
    for (const [index, workload] of workloads.entries()) {
      print(`\n${style.bold(`${workload.title}: an AdmissionReview for its Pod`)}`);
      const response = await server.send(reviewOf(workload.pod, `demo-${index}`, false));
      if (!response.allowed) {
        print(style.red(`denied  ${response.message}`));
        continue;
      }
      print(podDiff(workload.pod, applyPatch(workload.pod, response.patch), style));
    }
    for (const secret of offline.secrets()) {
      print(`\n${style.bold('The Secret that was written, once for all replicas:')}`);
      print(printManifest(maskSecret(secret)).trimEnd());
    }
    print(
      `\n${style.dim('Yours next: npm run latchkey -- render -f YOUR.yaml, or docs/installation.md for a cluster')}`,
    );
  } finally {
    await server.stop();
  }
}

/** The Pod before and after as a unified diff; the note for reinvocations is cut, being one long line. */
function podDiff(before: object, after: object, style: Painter): string {
  const { hunks } = structuredPatch('before', 'after', printManifest(before), printManifest(after), '', '', {
    context: CONTEXT_LINES,
  });
  if (hunks.length === 0) return style.dim('unchanged');
  return hunks
    .flatMap(({ lines }) => lines)
    .map((line) => paintLine(line.length > 160 ? `${line.slice(0, 157)}...` : line, style))
    .join('\n');
}

function paintLine(line: string, style: Painter): string {
  if (line.startsWith('+')) return style.green(line);
  return line.startsWith('-') ? style.red(line) : line;
}

/** Beside this file in the sources, beside the bundle in the image. */
function demoFile(name: string): string {
  return fileURLToPath(new URL(`./demo/${name}`, import.meta.url));
}
