import { UNKNOWN_ISSUER } from '../providers/grant.ts';
import { gatherReadings } from './gather-readings.ts';
import { withOwnDefinitions } from './own-definitions.ts';
import { permissionsOf } from './permissions-of.ts';
import { permissionsJson, permissionsText } from './print-permissions.ts';
import { readConfig } from './process.ts';
import type { PermissionsOptions } from './program.ts';
import { readManifests } from './read-manifests.ts';
import { startManifests } from './start-manifests.ts';

const PRINT = { text: permissionsText, json: permissionsJson } as const;

/** `latchkey permissions`: what to grant, on standard output; what would be refused, on standard error. */
export async function runPermissions({ filename, output, ...options }: PermissionsOptions): Promise<void> {
  const { issuer = UNKNOWN_ISSUER } = options;
  const config = withOwnDefinitions(await readConfig(options), options);
  const started = await startManifests(await readManifests(filename), config);
  try {
    const { readings, problems, warnings } = await gatherReadings(started, config, issuer);
    process.stdout.write(PRINT[output](permissionsOf(readings, issuer)));
    for (const line of [...warnings, ...problems]) process.stderr.write(`${line}\n`);
    if (problems.length > 0) process.exitCode = 1;
    else if (readings.length === 0)
      process.stderr.write('nothing to grant: no workload or ExternalSecret in the files reads from a provider\n');
  } finally {
    await started.offline.stop();
  }
}
