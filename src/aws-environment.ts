import { LatchkeyError } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** AWS's own variables, by the service's name in hosts. */
const VARIABLES = {
  sts: 'AWS_ENDPOINT_URL_STS',
  secretsmanager: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  ssm: 'AWS_ENDPOINT_URL_SSM',
} as const;

/**
 * Where the environment moved AWS's services, as AWS's tools read it: a service's own variable, else `AWS_ENDPOINT_URL`.
 * Throws CONFIG_INVALID for what is no URL.
 */
export function awsEndpointUrls(environment: Environment): Partial<Record<keyof typeof VARIABLES, string>> {
  if (environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return {};
  return Object.fromEntries(
    Object.entries(VARIABLES).flatMap(([service, variable]) => {
      const url = readUrl(variable, environment) ?? readUrl('AWS_ENDPOINT_URL', environment);
      return url === undefined ? [] : [[service, url]];
    }),
  );
}

function readUrl(variable: string, environment: Environment): string | undefined {
  const text = environment[variable];
  if (text === undefined || text === '') return undefined;
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new LatchkeyError('CONFIG_INVALID', `the variable ${variable} holds no http or https URL`, {
    hint: 'Correct it, or take it out of the environment of Latchkey',
  });
}
