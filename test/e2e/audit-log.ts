import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Plane } from '../plane/plane.ts';
import { SYSTEM_NAMESPACE } from './chart.ts';

export interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code: number };
}

/** Where a stretch of the audit log begins. */
export interface AuditMark {
  /** As the API server writes times, to the microsecond. */
  readonly since: string;
}

const TIME = '"requestReceivedTimestamp":"';
const TIME_LENGTH = '2026-01-01T00:00:00.000000Z'.length;

export function markAudit(): AuditMark {
  return { since: new Date().toISOString().replace('Z', '000Z') };
}

/** The lines of calls received since the mark. The API server writes a line before it answers. */
export async function* auditLines({ auditLogPath }: Plane, { since }: AuditMark): AsyncGenerator<string> {
  const directory = dirname(auditLogPath);
  // At 100 MB the log goes on in a new file and the old one gets a date into its name.
  const prefix = basename(auditLogPath, '.log');
  const names = (await readdir(directory)).filter((name) => name.startsWith(prefix) && name.endsWith('.log'));
  for (const name of names) {
    for await (const line of createInterface(createReadStream(join(directory, name)))) {
      const at = line.lastIndexOf(TIME);
      if (at !== -1 && line.slice(at + TIME.length, at + TIME.length + TIME_LENGTH) >= since) yield line;
    }
  }
}

/** What our processes changed or minted in a namespace since the mark, as `VERB resource[/subresource]`, in order. */
export async function writesOf(plane: Plane, mark: AuditMark, namespace: string): Promise<readonly string[]> {
  const writes: string[] = [];
  for await (const line of auditLines(plane, mark)) {
    if (!line.includes(`"namespace":"${namespace}"`)) continue;
    const { verb, user, objectRef } = JSON.parse(line) as AuditEvent;
    const isOurs = user.username.startsWith(`system:serviceaccount:${SYSTEM_NAMESPACE}:`);
    if (!isOurs || objectRef?.namespace !== namespace || ['get', 'list', 'watch'].includes(verb)) continue;
    writes.push(`${verb} ${[objectRef.resource, objectRef.subresource].filter(Boolean).join('/')}`);
  }
  return writes;
}
