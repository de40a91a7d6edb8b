import type { Server } from 'node:net';

/** Splits `0.0.0.0:8443` or `[::]:8443`, which the configuration has checked. No host means every IPv4 address. */
export function parseListenAddress(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host: host === '' ? '0.0.0.0' : host, port: Number(listen.slice(colon + 1)) };
}

/** The port a server listens on; another than asked for where that was 0. */
export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
