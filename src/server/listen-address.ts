import type { Server } from 'node:net';
import { LatchkeyError } from '../errors.ts';

/** Splits `0.0.0.0:8443` or `[::]:8443`, which the configuration has checked. No host means every IPv4 address. */
export function parseListenAddress(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host: host === '' ? '0.0.0.0' : host, port: Number(listen.slice(colon + 1)) };
}

/** Starts to listen; throws CONFIG_INVALID where the address is taken or not this machine's. */
export async function listenOn(
  app: { listen(at: { readonly host: string; readonly port: number }): Promise<unknown> },
  listen: string,
): Promise<void> {
  try {
    await app.listen(parseListenAddress(listen));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const reason = REASONS[code] ?? 'the operating system refuses it';
    throw new LatchkeyError('CONFIG_INVALID', `cannot listen on ${listen}: ${reason}`, {
      hint: 'Free it, or set another with --listen, server.listen or server.metricsListen',
      cause,
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process does',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not',
  ENOTFOUND: 'there is no such host',
};

/** The port a server listens on; another than asked for where that was 0. */
export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
