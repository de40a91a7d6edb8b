import { Command, Option } from 'commander';
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

/** The command line. Commands are loaded when they run, so that `--help` and short commands start fast. */
export function createProgram(): Command {
  const program = new Command('latchkey')
    .description("Gives Pods their external secrets at admission, read with the Pod's own ServiceAccount.")
    .helpCommand(false)
    .showHelpAfterError('(run with --help to see what there is)')
    .configureHelp({ sortSubcommands: false })
    .addHelpText('after', '\nDocumentation: docs/ in the source tree. Start with: latchkey demo');

  processCommand(program, 'webhook', 'answer admission reviews over HTTPS (stateless, any number of replicas)')
    .addHelpText(
      'after',
      '\nExample:\n  latchkey webhook --config latchkey.yaml --kubeconfig ~/.kube/config --listen 127.0.0.1:8443',
    )
    .action(async (options: ProcessOptions) => (await import('./webhook.ts')).runWebhook(options));

  processCommand(
    program,
    'controller',
    'adopt Secrets, expire Leases, publish certificates, tell the state of stores',
  ).action(async (options: ProcessOptions) => (await import('./controller.ts')).runController(options));

  processCommand(program, 'serve', 'webhook and controller in one process, for small clusters and development').action(
    async (options: ProcessOptions) => (await import('./serve.ts')).runServe(options),
  );

  program
    .command('render')
    .description('admit manifests offline and print what would run, with values masked')
    .requiredOption('-f, --filename <file...>', 'manifests: workloads, stores, ServiceAccounts; "-" for standard input')
    .option('--config <file>', 'configuration file (YAML)')
    .addHelpText('after', RENDER_HELP)
    .action(async (options: RenderOptions) => (await import('./render.ts')).runRender(options));

  program
    .command('demo')
    .description('show the whole way on this machine: no cluster, no cloud, about a second')
    .action(async () => (await import('./demo.ts')).runDemo());

  return program;
}

function processCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--config <file>', 'configuration file (YAML); docs/configuration.md lists every setting')
    .option('--kubeconfig <file>', "kubeconfig to use; without it the Pod's own ServiceAccount")
    .option('--listen <address:port>', 'address of the HTTPS server, instead of server.listen')
    .addOption(new Option('--log-level <level>', 'least severe level to log').choices(LOG_LEVELS).default('info'));
}

const RENDER_HELP = `
Pods, Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs and CronJobs are admitted as their controllers would create
their Pods. Values of the fake provider are filled in and masked; other providers are not called.
Exits with 1 when a Pod is refused.

Example:
  latchkey render -f deployment.yaml -f stores.yaml`;
