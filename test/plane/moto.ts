import type { ManagedProcess } from './managed-process.ts';
import type { Plane } from './plane.ts';
import { freePort } from './ports.ts';
import { requestJson } from './request-json.ts';
import { waitUntil } from './wait-until.ts';

export interface Moto {
  /** Endpoint of every AWS service. STS among them never looks at a web identity token: tests put their own in front. */
  readonly url: string;
  readonly process: ManagedProcess;
}

/** Starts moto's server (Secrets Manager, SSM, STS) inside the plane. */
export async function startMoto(plane: Plane, pythonPath: string): Promise<Moto> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { PATH: process.env['PATH'], HOME: plane.directory, PYTHONPATH: pythonPath };
  const server = plane.spawn(`moto-${port}`, 'python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    env,
  });
  await waitUntil('moto', async () => {
    if (!server.running) return true;
    return (await requestJson('GET', new URL('/moto-api/data.json', url), {})).status === 200;
  });
  if (!server.running) throw new Error(`moto ended:\n${await server.logTail()}`);
  return { url, process: server };
}
