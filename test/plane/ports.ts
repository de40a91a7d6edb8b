import { createServer, type Server } from 'node:net';

export interface PortPool {
  take(): number;
}

/** Ports that are free now. All are held until the last is known, so none is given twice. */
export async function portPool(count: number, host = '127.0.0.1'): Promise<PortPool> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(host)));
  const ports = servers.map(portOf);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return {
    take() {
      const port = ports.pop();
      if (port === undefined) throw new Error(`more than ${count} ports were taken`);
      return port;
    },
  };
}

export async function freePort(host?: string): Promise<number> {
  return (await portPool(1, host)).take();
}

function listen(host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}
