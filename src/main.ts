#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import manifest from '../package.json' with { type: 'json' };
import { createProgram, UNUSABLE } from './commands/program.ts';
import { LatchkeyError } from './errors.ts';

enableCompileCache();
// `latchkey render | head` closes the pipe when it has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : UNUSABLE));

try {
  await createProgram(manifest.version).parseAsync();
} catch (error) {
  // The cause's text may quote what it carried; only our own line is shown.
  process.stderr.write(`latchkey: ${LatchkeyError.from(error).line}\n`);
  if (!(error instanceof LatchkeyError) && error instanceof Error) process.stderr.write(`${framesOf(error)}\n`);
  // Not only the exit code: watches that were opened before would keep a process alive that does nothing.
  process.exit(UNUSABLE);
}

function framesOf(error: Error): string {
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return [error.constructor.name, ...frames.slice(0, 5)].join('\n');
}
