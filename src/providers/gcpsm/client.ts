import { LatchkeyError } from '../../errors.ts';
import { SecretValue } from '../../secret-value.ts';
import type { Call, Fetched, RemoteRef, SecretsClient } from '../provider.ts';
import { crc32c } from './crc32c.ts';
import { fromAnswer, isLostVersion } from './errors.ts';
import { findSecrets } from './find.ts';
import type { Session } from './login.ts';
import { lastPart, secretName, versionName } from './names.ts';
import type { Scene, Step } from './scene.ts';
import type { Asking, DescribedSecret, SecretManager } from './secret-manager.ts';
import type { GcpsmSettings } from './settings.ts';

export interface GcpsmReader {
  readonly settings: GcpsmSettings;
  readonly session: Session;
  readonly secretManager: SecretManager;
}

const LATEST = 'latest';
const ENABLED = { filter: 'state:ENABLED', pageSize: 25, pageToken: '' } as const;

/** Reads secrets of one project with one session. There is nothing to close: Google's tokens end by themselves. */
export function createClient({ settings, session, secretManager }: GcpsmReader): SecretsClient {
  const { project, location } = settings;
  const scene: Scene = { project, location, reader: session.reader };

  async function read({ key, version, metadata }: RemoteRef, call: Call): Promise<Fetched> {
    if (metadata === true) {
      const secret = await secretManager.describe(secretName(key, settings), asking({ kind: 'metadata', key }, call));
      return { value: SecretValue.fromText(metadataJson(secret)) };
    }
    if (version !== undefined || !settings.skipsDisabled) return access(key, version ?? LATEST, call);
    return accessNewestEnabled(key, call);
  }

  async function access(key: string, version: string, call: Call, onLost?: () => void): Promise<Fetched> {
    const { refused, ...rest } = asking({ kind: 'value', key, version }, call);
    const accessed = await secretManager.access(versionName(key, version, settings), {
      ...rest,
      refused(answer) {
        if (isLostVersion(answer)) onLost?.();
        return refused(answer);
      },
    });
    if (accessed.checksum !== undefined && accessed.checksum !== crc32c(accessed.data)) throw damaged(key);
    return { value: new SecretValue(accessed.data), version: lastPart(accessed.name) };
  }

  /** The latest; where that is disabled or destroyed, the newest that is not. */
  async function accessNewestEnabled(key: string, call: Call): Promise<Fetched> {
    let isLost = false;
    try {
      return await access(key, LATEST, call, () => {
        isLost = true;
      });
    } catch (error) {
      if (!isLost) throw error;
      const parent = secretName(key, settings);
      const { items } = await secretManager.versions({ parent, ...ENABLED }, asking({ kind: 'versions', key }, call));
      const newest = Math.max(...items.map((name) => Number(lastPart(name))));
      if (!Number.isSafeInteger(newest)) throw error;
      return access(key, String(newest), call);
    }
  }

  function asking(step: Step, { signal }: Call): Asking {
    return { token: session.token, signal, refused: (answer) => fromAnswer(answer, step, scene) };
  }

  return {
    expiresAt: session.expiresAt,
    read,
    find: (query, call) =>
      findSecrets(query, {
        list: (page) => secretManager.list(page, asking({ kind: 'list' }, call)),
        read: (key) => access(key, LATEST, call),
        settings,
      }),
  };
}

/** As External Secrets writes it with Go's encoding/json: keys in byte order, `<`, `>` and `&` escaped. */
function metadataJson({ annotations, labels }: DescribedSecret): string {
  const sorted = [annotations, labels].map((map) =>
    Object.fromEntries(Object.entries(map).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))),
  );
  return JSON.stringify({ annotations: sorted[0], labels: sorted[1] }).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function damaged(key: string): LatchkeyError {
  return new LatchkeyError(
    'PROVIDER_UNAVAILABLE',
    `the value of "${key}" arrived with another checksum than Google's`,
    {
      hint: 'It is tried again; if it stays so, look at what stands between Latchkey and Google',
    },
  );
}
