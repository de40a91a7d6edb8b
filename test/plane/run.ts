// Usage: node test/plane/run.ts [--required] COMMAND [ARGS…]
// Builds the plane's parts while the network can be reached, then runs the command in the plane's network namespace.
import { buildMoto, buildPlane } from './build.ts';
import { runInNamespace } from './namespace.ts';

const args = process.argv.slice(2);
const required = args[0] === '--required';
const [command, ...commandArgs] = required ? args.slice(1) : args;
if (command === undefined) {
  console.error('usage: node test/plane/run.ts [--required] COMMAND [ARGS…]');
  process.exit(2);
}

const plane = await buildPlane();
const built = plane.ok ? await buildMoto() : plane;
process.exit(built.ok ? await runInNamespace(command, commandArgs) : skip(built.reason));

/** A skip is loud, and a failure where the caller says so: in CI a green run must mean that the tests ran. */
function skip(reason: string): number {
  const line = '!'.repeat(72);
  console.log(`${line}\nSKIPPED e2e: ${reason}\n${line}`);
  console.log('0 passed, 0 failed, 1 skipped');
  return required ? 1 : 0;
}
