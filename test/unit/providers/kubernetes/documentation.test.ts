import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { failure } from '../../../contract/stage.ts';
import { createKubernetesIssuer } from '../../../support/kubernetes-issuer.ts';
import { CALL, openKubernetes } from '../../../support/open-kubernetes.ts';
import { LEAK_MARKER } from '../../../support/test-identity.ts';

interface Authentication {
  readonly jwt: readonly [
    {
      readonly issuer: { readonly audiences: string[] };
      readonly claimMappings: { readonly username: { readonly claim: string; readonly prefix: string } };
    },
  ];
}

interface StoreManifest {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly provider: { readonly kubernetes: { readonly server: object; readonly auth?: object } } };
}

const PAGE = readFileSync(new URL('../../../../docs/providers/kubernetes.md', import.meta.url), 'utf8');
const [CONFIG = '', AUTHENTICATION = '', STORE = '', POD = '', CREDENTIAL_STORE = ''] = [
  ...PAGE.matchAll(/^```yaml\n(.*?)^```/gms),
].map(([, text = '']) => text);
const [COMMANDS = ''] = [...PAGE.matchAll(/^```sh\n(.*?)^```/gms)].map(([, text = '']) => text);

/** The page's block, at the loopback's address. */
function blockOf(manifest: string, server: { readonly url: string; readonly ca: string }): object {
  const { spec }: StoreManifest = parse(manifest);
  return { ...spec.provider.kubernetes, server: { url: server.url, caBundle: server.ca } };
}

describe('docs/providers/kubernetes.md', () => {
  const { identity }: { identity: { audiences: { kubernetes: string[] } } } = parse(CONFIG);
  const { jwt }: Authentication = parse(AUTHENTICATION);
  const [, name = '', user = ''] = /--resource-name=(\S+) [^]*--user=(\S+)/.exec(COMMANDS) ?? [];

  it('lets the Pod read the Secret that the Role names, and no other', async () => {
    const [{ issuer, claimMappings }] = jwt;
    const cluster = createKubernetesIssuer();
    const { connect } = await openKubernetes({
      issuer: cluster,
      audiences: identity.audiences.kubernetes,
      cluster: {
        secrets: { prod: { [name]: { data: { password: LEAK_MARKER } }, other: {} } },
        rules: { [user]: [{ namespace: 'prod', verbs: ['get'], names: [name] }] },
        jwt: {
          issuer: cluster.issuer,
          jwksOf: () => cluster.jwksOf(),
          audiences: issuer.audiences,
          usernamePrefix: claimMappings.username.prefix,
        },
      },
      block: (server) => blockOf(STORE, server),
    });
    const client = await connect();

    const { value } = await client.read({ key: name }, CALL);
    const error = await failure(client.read({ key: 'other' }, CALL));

    expect(value.exposeText()).toContain(LEAK_MARKER);
    expect(error.code).toBe('ACCESS_DENIED');
    await expect(client.validate?.(CALL)).resolves.toBeUndefined();
  });

  it('shows the commands that a refusal asks for', async () => {
    const { connect } = await openKubernetes({ cluster: { rules: {} } });
    const client = await connect();

    const { hint = '' } = await failure(client.read({ key: name }, CALL));

    const commands = hint.replace(/^.*?: (?=kubectl)/, '').split('; ');
    const prefixed = commands.map((command) =>
      command.replace('--user=', `--user=${jwt[0].claimMappings.username.prefix}`),
    );
    expect(COMMANDS.trim().split('\n')).toEqual(prefixed);
  });

  it('reads with the token of a Secret, too', async () => {
    const { connect } = await openKubernetes({
      cluster: { tokens: { [LEAK_MARKER]: 'reader' }, rules: { reader: [{ namespace: 'prod', verbs: ['get'] }] } },
      block: (server) => blockOf(CREDENTIAL_STORE, server),
      credentials: () => ({ 'Secret/cluster-b/token': LEAK_MARKER }),
    });

    const client = await connect();

    await expect(client.read({ key: 'db' }, CALL)).resolves.toBeDefined();
  });

  it('refers to the store by its name, to the Secret that the Role names', () => {
    const { metadata }: StoreManifest = parse(STORE);

    expect(POD).toContain(`secretstore://${metadata.name}/${name}#`);
  });
});
