import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runLatchkey } from '../support/run-latchkey.ts';

const FILES = {
  'setting.yaml': 'server: { listn: "0.0.0.0:8443" }\n',
  'port.yaml': 'server: { metricsListen: "0.0.0.0:99999" }\n',
  'broken.yaml': 'kind: Pod\nmetadata: }\n',
  'number.yaml': '42\n',
  'nameless.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {}\n',
  'boolean.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: { name: y }\n',
  // Nobody listens there, so a process that got as far as this has started.
  'kubeconfig.yaml': `apiVersion: v1
kind: Config
current-context: test
contexts: [{ name: test, context: { cluster: test, user: test } }]
clusters: [{ name: test, cluster: { server: 'https://127.0.0.1:1' } }]
users: [{ name: test, user: { token: test } }]
`,
} as const;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-cli-'));
  await Promise.all(Object.entries(FILES).map(([name, text]) => writeFile(join(folder, name), text)));
});

afterAll(() => rm(folder, { recursive: true }));

/** Names in the table stand for files in a folder of their own. */
function run(line: string) {
  return runLatchkey(line.split(' ').map((word) => (word.endsWith('.yaml') ? join(folder, word) : word)));
}

describe('the command line', () => {
  it.each([
    [
      'render -f missing.yaml',
      /^latchkey: the file \S+missing\.yaml cannot be read\. Correct --filename\. \[MANIFEST_INVALID\]$/,
    ],
    ['render -f broken.yaml', /^latchkey: \S+broken\.yaml, line 2: is no YAML\. .*\[MANIFEST_INVALID\]$/],
    [
      'render -f number.yaml',
      /^latchkey: \S+number\.yaml: a document has no apiVersion and kind\. .*\[MANIFEST_INVALID\]$/,
    ],
    ['render -f nameless.yaml', /^latchkey: \S+nameless\.yaml: a Pod has no metadata\.name\. .*\[MANIFEST_INVALID\]$/],
    [
      'render -f boolean.yaml',
      /^latchkey: \S+: a Pod has a metadata\.name that is no text: put it in quotes\. .*\[MANIFEST_INVALID\]$/,
    ],
    [
      'render -f number.yaml --config setting.yaml',
      /^latchkey: \S+setting\.yaml: .*server\.listn: is no setting.*\[CONFIG_INVALID\]$/,
    ],
    [
      'permissions -f missing.yaml',
      /^latchkey: the file \S+missing\.yaml cannot be read\. Correct --filename\. \[MANIFEST_INVALID\]$/,
    ],
    [
      'webhook --config missing.yaml',
      /^latchkey: the file \S+missing\.yaml cannot be read\. Correct --config\. \[CONFIG_INVALID\]$/,
    ],
    [
      'webhook --config broken.yaml',
      /^latchkey: \S+broken\.yaml: .*line 2, column \d+: is no YAML\..*\[CONFIG_INVALID\]$/,
    ],
    ['controller --config port.yaml', /server\.metricsListen: must name a port up to 65535\..*\[CONFIG_INVALID\]$/],
    ['webhook', /^latchkey: there is no cluster around this process\. .*--kubeconfig\. \[CONFIG_INVALID\]$/],
    ['serve --kubeconfig missing.yaml', /^latchkey: the kubeconfig cannot be read\. .*\[CONFIG_INVALID\]$/],
    [
      'serve --listen 8443',
      /^latchkey: --listen 8443 is no address and port\. Write one such as .*\[CONFIG_INVALID\]$/,
    ],
  ])('answers "%s" with one line that says what to do, and exits with 2', async (line, expected) => {
    const { code, stdout, stderr } = await run(line);

    expect(stderr.trimEnd()).toMatch(expected);
    expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 });
  });

  it.each([
    ['rendr', /^error: unknown command 'rendr'\n\(Did you mean render\?\)/],
    ['render', /^error: required option '-f, --filename <file...>' not specified/],
    ['permissions -f number.yaml -o yaml', /^error: option '-o, --output <format>' argument 'yaml' is invalid\./],
    ['demo --fast', /^error: unknown option '--fast'/],
    [
      'webhook --log-level loud',
      /^error: option '--log-level <level>' argument 'loud' is invalid\. Allowed choices are/,
    ],
    ['controller --listen :8443', /^error: unknown option '--listen'/],
    ['demo twice', /^error: too many arguments for 'demo'/],
  ])('answers the wrong usage "%s" with a hint, and exits with 2', async (line, expected) => {
    const { code, stderr } = await run(line);

    expect(stderr).toMatch(expected);
    expect(stderr).toContain('(--help shows what there is)');
    expect(code).toBe(2);
  });

  it.each(['--help', 'render --help', 'permissions --help', '--version'])(
    'answers %s on standard output',
    async (line) => {
      const { code, stdout, stderr } = await run(line);

      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).not.toBe('');
    },
  );

  it('ends when its port is taken, also with watches open', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;

    const { code, stderr } = await run(`webhook --kubeconfig kubeconfig.yaml --listen 127.0.0.1:${port}`);

    other.close();
    expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}: another process does. `);
    expect(code).toBe(2);
  });
});
