import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LatchkeyError } from '../errors.ts';
import type { Clock } from '../kube/clock.ts';
import type { Log } from '../log.ts';
import { SecretValue } from '../secret-value.ts';
import { type CertificateSource, CurrentCertificate, toServingCertificate } from './certificate-source.ts';

const POLL_MS = 60_000;
/** Certificate and key are two files: whoever writes them gets this long for the second. */
const DEBOUNCE_MS = 100;

export interface FileSourceDeps {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clock: Pick<Clock, 'date'>;
  readonly log: Log;
}

/**
 * Mounted files, as cert-manager or OLM write them, read again when they change. The directory is watched, not the file:
 * the kubelet swaps a symbolic link in it, of which a watch on the file sees only the first time. A slow poll is the net
 * below that. A pair that does not fit, or a half-written one, changes nothing.
 */
export async function startFileSource(deps: FileSourceDeps): Promise<CertificateSource> {
  const { certFile, keyFile, clock, log } = deps;
  const certificate = new CurrentCertificate(() => clock.date());
  let debounce: NodeJS.Timeout | undefined;
  let reading = Promise.resolve();

  await load();
  const directories = new Set([dirname(certFile), dirname(keyFile)]);
  const watchers = [...directories].flatMap((directory) => watchDirectory(directory, loadSoon, log));
  const poll = setInterval(loadInTurn, POLL_MS).unref();

  return {
    current: () => certificate.get(),
    onChange: (listener) => certificate.onChange(listener),
    isReady: () => certificate.isReady(),
    async stop() {
      clearInterval(poll);
      clearTimeout(debounce);
      for (const watcher of watchers) watcher.close();
      await reading;
    },
  };

  function loadSoon(): void {
    clearTimeout(debounce);
    debounce = setTimeout(loadInTurn, DEBOUNCE_MS);
  }

  function loadInTurn(): void {
    reading = reading.then(load);
  }

  async function load(): Promise<void> {
    try {
      const [certificatePem, keyPem] = await readPair(certFile, keyFile);
      const before = certificate.get();
      if (before?.certificatePem === certificatePem && before.keyPem.exposeText() === keyPem) return;
      certificate.replace(toServingCertificate(certificatePem, SecretValue.fromText(keyPem)));
    } catch (err) {
      log.warn({ err, certFile, keyFile }, 'serving certificate not taken from its files, the one before stays');
    }
  }
}

async function readPair(certFile: string, keyFile: string): Promise<readonly [string, string]> {
  try {
    return await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
  } catch (cause) {
    throw new LatchkeyError('CONFIG_INVALID', 'the certificate files cannot be read', {
      hint: 'Check tls.certFile and tls.keyFile, and that the volume is mounted',
      cause,
    });
  }
}

function watchDirectory(directory: string, onChange: () => void, log: Log): readonly FSWatcher[] {
  try {
    const watcher = watch(directory, { persistent: false }, onChange);
    // A directory that goes away ends its watch; the poll goes on.
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch (err) {
    log.warn({ err, directory }, 'directory not watched, its files are read once a minute');
    return [];
  }
}
