import { Command, InvalidArgumentError, Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from '../log.ts';

/** What differs from process to process; everything else stands in the configuration file. */
export interface ProcessOptions {
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly listen?: string;
  readonly logLevel: LogLevel;
}

export interface RenderOptions {
  readonly filename: readonly string[];
  readonly config?: string;
}

export interface PermissionsOptions extends RenderOptions {
  readonly issuer?: string;
  readonly output: 'text' | 'json';
}

/** For a command line, a file or a cluster that cannot be used; `render` and `permissions` exit with 1 where a Pod is refused. */
export const UNUSABLE = 2;

/** The command line. Commands are loaded when they run, so that `--help` and short commands start fast. */
export function createProgram(version: string): Command {
  const program = new Command('latchkey')
    .description("Gives Pods their external secrets at admission, read with the Pod's own ServiceAccount.")
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showHelpAfterError('(--help shows what there is)')
    .configureHelp({ sortSubcommands: false })
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : UNUSABLE))
    .addHelpText('after', PROGRAM_HELP);

  program
    .command('demo')
    .description('show the whole way on this machine: no cluster, no cloud, about a second')
    .action(async () => (await import('./demo.ts')).runDemo());

  manifestCommand(program, 'render', 'print what your manifests would become, offline, with values masked')
    .addHelpText('after', RENDER_HELP)
    .action(async (options: RenderOptions) => (await import('./render.ts')).runRender(options));

  manifestCommand(program, 'permissions', 'print the least rights at each provider that your manifests need, offline')
    .option(
      '--issuer <url>',
      "the cluster's OIDC issuer, for trust policies; without it the word ISSUER stands there",
      readIssuer,
    )
    .addOption(
      new Option('-o, --output <format>', 'for people or for programs').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', PERMISSIONS_HELP)
    .action(async (options: PermissionsOptions) => (await import('./permissions.ts')).runPermissions(options));

  processCommand(program, 'webhook', 'answer admission reviews over HTTPS; stateless, any number of replicas')
    .addOption(listenOption())
    .addHelpText(
      'after',
      '\nExample:\n  latchkey webhook --config latchkey.yaml --kubeconfig ~/.kube/config --listen 127.0.0.1:8443',
    )
    .action(async (options: ProcessOptions) => (await import('./webhook.ts')).runWebhook(options));

  processCommand(program, 'controller', 'keep Secrets, certificates and the status of stores right; one replica leads')
    .addHelpText('after', '\nExample:\n  latchkey controller --config latchkey.yaml --kubeconfig ~/.kube/config')
    .action(async (options: ProcessOptions) => (await import('./controller.ts')).runController(options));

  processCommand(program, 'serve', 'webhook and controller in one process, for development')
    .addOption(listenOption())
    .addHelpText(
      'after',
      '\nExample (docs/installation.md, "Latchkey outside of the cluster"):\n' +
        '  latchkey serve --config latchkey.yaml --kubeconfig latchkey.kubeconfig --listen 0.0.0.0:8443',
    )
    .action(async (options: ProcessOptions) => (await import('./serve.ts')).runServe(options));

  return program;
}

function manifestCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .requiredOption(
      '-f, --filename <file...>',
      'manifests: workloads, stores, ServiceAccounts; a folder for all in it, "-" for standard input',
    )
    .option('--config <file>', 'configuration file (YAML); docs/configuration.md lists every setting');
}

function readIssuer(text: string): string {
  const url = URL.parse(text);
  const isIssuer = url?.protocol === 'https:' && [url.username, url.password, url.search, url.hash].join('') === '';
  if (isIssuer && !/[\s'"]/.test(text)) return text;
  throw new InvalidArgumentError('Write it as the cluster publishes it, such as https://oidc.example.com/id/ABCDEF.');
}

function processCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--config <file>', 'configuration file (YAML); docs/configuration.md lists every setting')
    .option('--kubeconfig <file>', "kubeconfig to use; without it the Pod's own ServiceAccount")
    .addOption(new Option('--log-level <level>', 'least severe level to log').choices(LOG_LEVELS).default('info'));
}

function listenOption(): Option {
  return new Option('--listen <address:port>', 'address of the HTTPS server, instead of server.listen');
}

const PROGRAM_HELP = `
Start with:
  latchkey demo
  latchkey render -f deployment.yaml -f stores.yaml

Exit codes: 0 done, 1 render, permissions: something would be refused, ${UNUSABLE} a command line, file or cluster that cannot be used.
Documentation: README.md and docs/ in the source tree`;

const RENDER_HELP = `
Each Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, Job and CronJob in the files becomes the Pod that its controller
would create, and is admitted as if its namespace had opted in. ServiceAccounts that are missing are assumed.

Of each ExternalSecret, those of ClusterExternalSecrets too, it prints the Secret that comes of it, and Pods that use that Secret come out as they would beside the
controller. Without --config, stores without spec.controller count as Latchkey's, as where its chart brings the definitions.

Only the fake provider is asked for values, and they are printed as sizes. No cluster and no other provider is called: with
their stores you see the plan, and every mistake that needs no value to be found.

What would run goes to standard output; refusals and warnings go to standard error. Exits with 1 when a Pod is
refused or an ExternalSecret cannot be synced.

Example:
  latchkey render -f deployment.yaml -f stores.yaml
  kubectl kustomize overlays/prod | latchkey render -f -`;

const PERMISSIONS_HELP = `
Plans the Pod of each workload and each ExternalSecret as render does, and prints for every ServiceAccount what it must be given
so that what they refer to can be read, and no more: Vault policies and roles, IAM policies and trust policies for AWS, gcloud
and az commands, RBAC for other clusters. Where a store is read with credentials of its own, they stand under the store's name.

Nothing is changed and nobody is called: review the output, then apply it. What is marked OPTIONAL only saves calls.
Rights go to standard output; refusals and warnings to standard error. Exits with 1 when a Pod or ExternalSecret is refused; the
others are printed all the same.

Example:
  latchkey permissions -f manifests/ --issuer "$(kubectl get --raw /.well-known/openid-configuration | jq -r .issuer)"
  latchkey permissions -f deployment.yaml -f stores.yaml -o json`;
