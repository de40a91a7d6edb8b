import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { failure } from '../../../contract/stage.ts';
import { type GoogleSecret, type Grant, READ } from '../../../support/loopback-gcp-secrets.ts';
import { AUDIENCE, CALL, GKE_AUDIENCE, memberNamed, openGcp, POOL } from '../../../support/open-gcp.ts';
import { LEAK_MARKER } from '../../../support/test-identity.ts';

const EMAIL = 'api@acme.iam.gserviceaccount.com';
const BROKER = 'broker@acme.iam.gserviceaccount.com';
const AS_EMAIL = { annotations: { 'iam.gke.io/gcp-service-account': EMAIL } };
const SECRETS: Readonly<Record<string, GoogleSecret>> = { db: { versions: [{ data: LEAK_MARKER }] } };

function reader(member: string): Grant {
  return { member, secret: 'db', permissions: READ };
}

describe('a login with a token of the ServiceAccount', () => {
  it('reads as the ServiceAccount itself, with one exchange for any number of reads', async () => {
    const { server, connect } = await openGcp({ secrets: SECRETS });
    const client = await connect();

    await Promise.all([client.read({ key: 'db' }, CALL), client.read({ key: 'db' }, CALL)]);

    expect(server.seen).toEqual([{ subject: 'system:serviceaccount:payments:api', audiences: [AUDIENCE] }]);
    expect(server.calls).toMatchObject({ exchange: 1, impersonate: 0, access: 2 });
  });

  it('comes through the pool of a GKE cluster', async () => {
    const { server, connect } = await openGcp({
      secrets: SECRETS,
      grants: [reader('serviceAccount:acme.svc.id.goog[payments/worker]')],
      audiences: ['acme.svc.id.goog'],
      block: { auth: { workloadIdentity: { clusterLocation: 'europe-west3', clusterName: 'production' } } },
    });

    const client = await connect({ name: 'worker' });
    const { value } = await client.read({ key: 'db' }, CALL);

    expect(value.exposeText()).toBe(LEAK_MARKER);
    expect(server.seen[0]?.audiences).toEqual(['acme.svc.id.goog']);
  });

  it('presents a token for the audience that the provider allows instead of its own name', async () => {
    const { server, connect } = await openGcp({
      audiences: ['google'],
      world: { providers: { [AUDIENCE]: { pool: POOL, allowedAudiences: ['google'] } } },
      block: {
        auth: {
          workloadIdentityFederation: { audience: AUDIENCE, serviceAccountRef: { name: 'api', audiences: ['google'] } },
        },
      },
    });

    await connect();

    expect(server.seen[0]?.audiences).toEqual(['google']);
  });

  it.each([
    [
      'a provider that does not exist',
      { [GKE_AUDIENCE]: { pool: POOL, allowedAudiences: [] } },
      'there is no such provider',
    ],
    ['another audience', { [AUDIENCE]: { pool: POOL, allowedAudiences: ['x'] } }, 'its allowed audiences'],
    ['an attribute condition', { [AUDIENCE]: { pool: POOL, allowedAudiences: [AUDIENCE], subjects: [] } }, 'condition'],
  ])('is refused by %s', async (_what, providers, says) => {
    const { connect } = await openGcp({ world: { providers } });

    const error = await failure(connect());

    expect(error.code).toBe('IDENTITY_REJECTED');
    expect(error.line).toContain(says);
  });

  it('is refused where Google trusts another cluster', async () => {
    const { connect } = await openGcp({ world: { issuer: 'https://other.example.com' } });

    const error = await failure(connect());

    expect(error.line).toContain("Google's STS refused the token of ServiceAccount payments/api");
  });
});

describe('a login as a Google service account', () => {
  it('reads as the one in the annotation', async () => {
    const { server, connect } = await openGcp({
      secrets: SECRETS,
      grants: [reader(`serviceAccount:${EMAIL}`)],
      world: { serviceAccounts: { [EMAIL]: { users: [memberNamed('worker')] } } },
    });

    const client = await connect({ name: 'worker', ...AS_EMAIL });
    const { value } = await client.read({ key: 'db' }, CALL);

    expect(value.exposeText()).toBe(LEAK_MARKER);
    expect(server.calls).toMatchObject({ exchange: 1, impersonate: 1 });
  });

  it('reads as the one that the store names, whatever the annotation says', async () => {
    const { connect } = await openGcp({
      secrets: SECRETS,
      grants: [reader(`serviceAccount:${EMAIL}`)],
      world: { serviceAccounts: { [EMAIL]: { users: [memberNamed('worker')] } } },
      block: { auth: { workloadIdentityFederation: { audience: AUDIENCE, gcpServiceAccountEmail: EMAIL } } },
    });

    const client = await connect({ name: 'worker', annotations: { 'iam.gke.io/gcp-service-account': BROKER } });

    await expect(client.read({ key: 'db' }, CALL)).resolves.toMatchObject({ version: '1' });
  });

  it('goes through the delegates in the annotation', async () => {
    const { connect } = await openGcp({
      secrets: SECRETS,
      grants: [reader(`serviceAccount:${EMAIL}`)],
      world: {
        serviceAccounts: {
          [BROKER]: { users: [memberNamed('worker')] },
          [EMAIL]: { users: [`serviceAccount:${BROKER}`] },
        },
      },
    });
    const delegates = { 'iam.gke.io/gcp-service-account-delegates': JSON.stringify([BROKER]) };

    const client = await connect({ name: 'worker', annotations: { ...AS_EMAIL.annotations, ...delegates } });

    await expect(client.read({ key: 'db' }, CALL)).resolves.toMatchObject({ version: '1' });
  });

  it.each([
    ['does not let it', { [EMAIL]: { users: [memberNamed('other')] } }, 'roles/iam.workloadIdentityUser'],
    ['does not know it', {}, 'there is no such service account'],
  ])('is refused where Google %s', async (_what, serviceAccounts, says) => {
    const { connect } = await openGcp({ world: { serviceAccounts } });

    const error = await failure(connect(AS_EMAIL));

    expect(error.code).toBe('IDENTITY_REJECTED');
    expect(error.message).toContain(`Google does not let ServiceAccount payments/api act as ${EMAIL}`);
    expect(error.line).toContain(says);
  });

  it('asks for no token where the annotation names none', async () => {
    const { server, connect } = await openGcp();

    const error = await failure(connect({ annotations: { 'iam.gke.io/gcp-service-account': '../x' } }));

    expect(error.code).toBe('IDENTITY_REJECTED');
    expect(server.requests).toEqual([]);
  });

  it('names the Google service account where it may not read', async () => {
    const { connect } = await openGcp({
      secrets: SECRETS,
      world: { serviceAccounts: { [EMAIL]: { users: [memberNamed('api')] } } },
    });
    const client = await connect(AS_EMAIL);

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.line).toBe(
      `Google does not let ServiceAccount payments/api as ${EMAIL} read "db" in project "acme", or there is no such secret. Grant ` +
        'secretmanager.versions.access: gcloud secrets add-iam-policy-binding db --project=acme --role=roles/secretmanager.secretAccessor ' +
        `--member='serviceAccount:${EMAIL}'. [ACCESS_DENIED]`,
    );
  });
});

describe('a login with a key', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const file = JSON.stringify({
    type: 'service_account',
    client_email: EMAIL,
    private_key_id: 'key-1',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: 'https://attacker.example.com/token',
  });
  const world = {
    serviceAccounts: { [EMAIL]: { keys: { 'key-1': publicKey.export({ type: 'spki', format: 'pem' }).toString() } } },
  };
  const auth = { secretRef: { secretAccessKeySecretRef: { name: 'gcp', key: 'key.json' } } };

  it('reads as the key’s service account, for a quarter of an hour', async () => {
    const started = Date.now();
    const { server, connect } = await openGcp({
      secrets: SECRETS,
      grants: [reader(`serviceAccount:${EMAIL}`)],
      world,
      block: { auth },
      credentials: { 'Secret/gcp/key.json': file },
      now: () => started,
    });

    const client = await connect();
    const { value } = await client.read({ key: 'db' }, CALL);

    expect(value.exposeText()).toBe(LEAK_MARKER);
    expect(client.expiresAt).toEqual(new Date(started + 15 * 60_000));
    expect(server.calls).toMatchObject({ assert: 1, exchange: 0 });
  });

  it('is refused where the key was deleted', async () => {
    const { connect } = await openGcp({ block: { auth }, credentials: { 'Secret/gcp/key.json': file } });

    const error = await failure(connect());

    expect(error.code).toBe('IDENTITY_REJECTED');
    expect(error.message).toBe(`Google refused ${EMAIL} with the key in Secret gcp (key key.json)`);
  });

  it('says which Secret holds no key', async () => {
    const { connect } = await openGcp({ block: { auth }, credentials: { 'Secret/gcp/key.json': LEAK_MARKER } });

    const error = await failure(connect());

    expect(error.code).toBe('STORE_INVALID');
    expect(error.line).toContain('Secret gcp (key key.json)');
  });
});

describe('a session', () => {
  it('ends when its token does', async () => {
    const started = Date.now();
    const { connect } = await openGcp({ now: () => started });

    const { expiresAt } = await connect();

    expect(expiresAt).toEqual(new Date(started + 3600_000));
  });

  it.each([
    ['no token', { expires_in: 3600 }],
    ['no lifetime', { access_token: LEAK_MARKER }],
    ['a list', [LEAK_MARKER]],
  ])('is none where the answer holds %s', async (_what, body) => {
    const { server, connect } = await openGcp();
    server.interrupt({ status: 200, body });

    const error = await failure(connect());

    expect(error.code).toBe('PROVIDER_UNAVAILABLE');
  });
});
