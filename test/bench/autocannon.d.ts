/** As much of the package, which has no types of its own, as is used here. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';

  interface Options {
    readonly url: string;
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    readonly tlsOptions: { readonly ca: string };
  }

  /** Emits `response` (client, status, bytes, milliseconds), `reqError` (error), and `done`. */
  export default function autocannon(options: Options): EventEmitter;
}
