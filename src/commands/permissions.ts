import { UNKNOWN_ISSUER } from '../providers/grant.ts';
import { gatherReadings } from './gather-readings.ts';
import { kindOf, type Manifest, metadataOf } from './manifest.ts';
import { permissionsOf } from './permissions-of.ts';
import { permissionsJson, permissionsText } from './print-permissions.ts';
import { readConfig } from './process.ts';
import type { PermissionsOptions } from './program.ts';
import { readManifests } from './read-manifests.ts';
import { startManifests } from './start-manifests.ts';

const PRINT = { text: permissionsText, json: permissionsJson } as const;
/** Their own references are not read yet; a policy without them must not look complete. */
const DEFINITIONS: readonly string[] = ['ExternalSecret', 'ClusterExternalSecret'];

/** `latchkey permissions`: what to grant, on standard output; what would be refused, on standard error. */
export async function runPermissions({ filename, output, ...options }: PermissionsOptions): Promise<void> {
  const { issuer = UNKNOWN_ISSUER } = options;
  const config = await readConfig(options);
  const manifests = await readManifests(filename);
  const started = await startManifests(manifests, config);
  try {
    const { readings, problems, warnings } = await gatherReadings(started, issuer);
    process.stdout.write(PRINT[output](permissionsOf(readings, issuer)));
    for (const line of [...warnings, ...problems, ...unread(manifests)]) process.stderr.write(`${line}\n`);
    if (problems.length > 0) process.exitCode = 1;
    else if (readings.length === 0)
      process.stderr.write('nothing to grant: no workload in the files has a reference\n');
  } finally {
    await started.offline.stop();
  }
}

function unread(manifests: readonly Manifest[]): readonly string[] {
  return manifests
    .filter((manifest) => DEFINITIONS.includes(kindOf(manifest)))
    .map((manifest) => {
      const { namespace, name } = metadataOf(manifest);
      return `${kindOf(manifest)} ${namespace}/${name}: not looked at: this version reads references in Pods alone`;
    });
}
