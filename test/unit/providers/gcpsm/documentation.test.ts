import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { failure } from '../../../contract/stage.ts';
import { CALL, openGcp } from '../../../support/open-gcp.ts';
import { LEAK_MARKER } from '../../../support/test-identity.ts';

const PAGE = readFileSync(new URL('../../../../docs/providers/gcp.md', import.meta.url), 'utf8');
const [CONFIG = '', STORE = '', GKE_AUTH = '', POD = ''] = [...PAGE.matchAll(/^```yaml\n(.*?)^```/gms)].map(
  ([, text = '']) => text,
);
const BINDINGS = [...PAGE.matchAll(/secrets add-iam-policy-binding (\S+) .*?--member='([^']+)'/gs)];

/** A project with the page's bindings and nothing else. */
async function openAsWritten(auth?: unknown) {
  const { identity }: { identity: { audiences: { gcpsm: string[] } } } = parse(CONFIG);
  const { spec }: { spec: { provider: { gcpsm: object } } } = parse(STORE);
  const { connect } = await openGcp({
    secrets: { 'payments-db': { versions: [{ data: LEAK_MARKER }] } },
    grants: BINDINGS.map(([, secret = '', member = '']) => ({
      member,
      secret,
      permissions: ['secretmanager.versions.access'],
    })),
    readers: [],
    audiences: identity.audiences.gcpsm,
    block: { ...spec.provider.gcpsm, ...(auth !== undefined && { auth }) },
  });
  return connect;
}

describe('docs/providers/gcp.md', () => {
  const { auth }: { auth: unknown } = parse(GKE_AUTH);

  it.each([
    ['anywhere', undefined],
    ['on GKE', auth],
  ])('lets the Pod read %s, and no other', async (_where, written) => {
    const connect = await openAsWritten(written);
    const [own, other] = await Promise.all([connect(), connect({ name: 'worker' })]);

    const { value } = await own.read({ key: 'payments-db' }, CALL);
    const error = await failure(other.read({ key: 'payments-db' }, CALL));

    expect(value.exposeText()).toBe(LEAK_MARKER);
    expect(error.code).toBe('ACCESS_DENIED');
  });

  it.each([
    ['anywhere', undefined],
    ['on GKE', auth],
  ])('shows the binding that a refusal %s asks for', async (_where, written) => {
    const connect = await openAsWritten(written);
    const client = await connect({ name: 'worker' });

    const { hint = '' } = await failure(client.read({ key: 'payments-db' }, CALL));

    const flags = /gcloud (.*)$/.exec(hint)?.[1]?.replace('worker', 'api');
    expect(PAGE.replaceAll(/\s*\\\n\s*/g, ' ')).toContain(flags);
  });

  it('refers to the store by its name, to secrets that it binds', () => {
    const { metadata }: { metadata: { name: string } } = parse(STORE);

    expect(POD).toContain(`secretstore://${metadata.name}/${BINDINGS[0]?.[1]}#`);
  });
});
