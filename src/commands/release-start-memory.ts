/** By then watches and certificates are there, and what loading them left behind is garbage. */
const AFTER_MS = 5_000;

/**
 * Gives back, once, what starting took: loading code grows V8's young generation to its limit, 32 MiB, and a process that
 * allocates little would keep it. Under load it grows again. Needs `node --expose-gc`, as the image has it.
 */
export function releaseStartMemory(): void {
  setTimeout(() => globalThis.gc?.({ type: 'major', flavor: 'last-resort' }), AFTER_MS).unref();
}
