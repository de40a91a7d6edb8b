import { describe, expect, it } from 'vitest';
import { awsEndpointUrls } from '../../src/aws-environment.ts';
import { parseConfig } from '../../src/config.ts';
import { LatchkeyError } from '../../src/errors.ts';

const ALL = 'http://127.0.0.1:4566';

describe('awsEndpointUrls', () => {
  it.each([
    [{}, {}],
    [{ AWS_ENDPOINT_URL: ALL }, { sts: ALL, secretsmanager: ALL, ssm: ALL }],
    [
      { AWS_ENDPOINT_URL: ALL, AWS_ENDPOINT_URL_STS: 'https://sts.internal', AWS_ENDPOINT_URL_SSM: '' },
      { sts: 'https://sts.internal', secretsmanager: ALL, ssm: ALL },
    ],
    [{ AWS_ENDPOINT_URL_SECRETS_MANAGER: 'https://vpce.internal' }, { secretsmanager: 'https://vpce.internal' }],
    [{ AWS_ENDPOINT_URL: ALL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, {}],
  ])('reads %j', (environment, urls) => {
    expect(awsEndpointUrls(environment)).toEqual(urls);
  });

  it.each(['vpce.internal', 'ftp://vpce.internal', 'x'])('refuses %s', (url) => {
    expect(() => awsEndpointUrls({ AWS_ENDPOINT_URL_STS: url })).toThrow(LatchkeyError);
  });
});

describe('the configuration', () => {
  it('prefers its own addresses to those of the environment', () => {
    const text = 'identity: { endpointUrls: { aws: { sts: "https://sts.internal" } } }';

    const { identity } = parseConfig(text, { AWS_ENDPOINT_URL: ALL });

    expect(identity.endpointUrls.aws).toEqual({ sts: 'https://sts.internal', secretsmanager: ALL, ssm: ALL });
  });

  it('looks at no environment that it was not given', () => {
    expect(parseConfig('').identity.endpointUrls.aws).toEqual({});
  });
});
