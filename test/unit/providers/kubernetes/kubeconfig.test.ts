import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { LatchkeyError } from '../../../../src/errors.ts';
import { parseKubeconfig } from '../../../../src/providers/kubernetes/kubeconfig.ts';
import { LEAK_MARKER } from '../../../support/test-identity.ts';

const USER = { token: LEAK_MARKER };

function config({ cluster = {}, user = USER, ...rest }: { cluster?: object; user?: object } & Record<string, unknown>) {
  return stringify({
    'current-context': 'prod',
    contexts: [
      { name: 'other', context: { cluster: 'none', user: 'none' } },
      { name: 'prod', context: { cluster: 'c', user: 'u', namespace: 'ignored' } },
    ],
    clusters: [{ name: 'c', cluster: { server: 'https://api.example.com:6443/k8s/', ...cluster } }],
    users: [{ name: 'u', user }],
    ...rest,
  });
}

function refusal(text: string): string {
  try {
    parseKubeconfig(text, 'Secret remote (key config)', []);
    return 'it was read';
  } catch (error) {
    return LatchkeyError.from(error).line;
  }
}

describe('parseKubeconfig', () => {
  it('reads the current context', () => {
    const parsed = parseKubeconfig(config({ cluster: { 'tls-server-name': 'kubernetes' } }), 'Secret', []);

    expect(parsed).toEqual({
      server: new URL('https://api.example.com:6443/k8s/'),
      servername: 'kubernetes',
      credential: { kind: 'token', token: LEAK_MARKER },
    });
  });

  it('takes the JSON that kubectl also takes', () => {
    const json = JSON.stringify({
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      clusters: [{ name: 'a', cluster: { server: 'https://a', 'insecure-skip-tls-verify': false } }],
      users: [{ name: 'a', user: USER }],
    });

    expect(parseKubeconfig(json, 'Secret', []).server.host).toBe('a');
  });

  it.each([
    ['exec: is not supported', { user: { exec: { command: 'aws' } } }],
    ['auth-provider: is not supported', { user: { 'auth-provider': { name: 'gcp' } } }],
    ['tokenFile: names a file', { user: { tokenFile: '/token' } }],
    ['client-key: names a file', { user: { 'client-key': '/key', ...USER } }],
    ['as: is not supported', { user: { as: 'admin', ...USER } }],
    ['users[0].user: needs a token', { user: {} }],
    ['users[0].user: needs a token', { user: { 'client-certificate-data': btoa('x') } }],
    ['client-certificate-data: must be PEM', { user: { 'client-certificate-data': btoa('x') } }],
    ['certificate-authority: names a file', { cluster: { 'certificate-authority': '/ca' } }],
    ['certificate-authority-data: must be PEM', { cluster: { 'certificate-authority-data': btoa('x') } }],
    ['insecure-skip-tls-verify: is not supported', { cluster: { 'insecure-skip-tls-verify': true } }],
    ['proxy-url: is not supported', { cluster: { 'proxy-url': 'http://proxy' } }],
    ['clusters[0].cluster.server: must be an https URL', { cluster: { server: 'http://api.example.com' } }],
    ['kubeconfig.contexts: lacks the entry that is current', { 'current-context': 'gone' }],
    ['kubeconfig.users: lacks the entry that is current', { users: [] }],
    ['kubeconfig.clusters: must be a list', { clusters: 'all' }],
  ])('says %s', (says, parts) => {
    const line = refusal(config(parts));

    expect(line).toContain('Secret remote (key config) is no usable kubeconfig: ');
    expect(line).toContain(says);
    expect(line).toContain('[STORE_INVALID]');
    expect(line).not.toContain(LEAK_MARKER);
  });

  it.each(['', '- a', `{token: ${LEAK_MARKER}`, `"${LEAK_MARKER}"`])('quotes nothing of %j', (text) => {
    const line = refusal(text);

    expect(line).toContain('[STORE_INVALID]');
    expect(line).not.toContain(LEAK_MARKER);
  });
});
