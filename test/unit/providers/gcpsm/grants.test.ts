import { describe, expect, it } from 'vitest';
import { gcpsm } from '../../../../src/providers/gcpsm/index.ts';
import { type GrantsScene, grantsOf } from '../../../support/grants-of.ts';

const POOL = 'projects/42/locations/global/workloadIdentityPools/clusters';
const PROVIDER = `//iam.googleapis.com/${POOL}/providers/production`;
const MEMBER = `principal://iam.googleapis.com/${POOL}/subject/system:serviceaccount:payments:api`;
const GKE = { workloadIdentity: { clusterLocation: 'europe-west3', clusterName: 'production' } };

function gcpsmGrants(block: object, refs: GrantsScene['refs'], rest: Partial<GrantsScene> = {}) {
  const limits = { audiences: [PROVIDER, 'acme.svc.id.goog'] };
  return grantsOf({ provider: gcpsm, block: { projectID: 'acme', ...block }, refs, limits, ...rest });
}

function bindSecret(key: string, { role = 'secretAccessor', place = '', member = MEMBER } = {}): string {
  return `gcloud secrets add-iam-policy-binding ${key} --project=acme${place} \\
  --role=roles/secretmanager.${role} \\
  --member=${member}
`;
}

describe('what Google must grant', () => {
  it('is a binding on each secret for the ServiceAccount itself', () => {
    const grants = gcpsmGrants({}, ['db', 'cache', { key: 'db', version: '3' }]);

    expect(grants).toEqual([
      {
        purpose: 'read',
        title: 'bindings that let it read what is referred to',
        principal: MEMBER,
        language: 'sh',
        text: bindSecret('cache') + bindSecret('db'),
      },
    ]);
  });

  it.each([
    ['a regional secret', { location: 'europe-west3' }, 'db', bindSecret('db', { place: ' --location=europe-west3' })],
    ['metadata', {}, { key: 'db', metadata: true }, bindSecret('db', { role: 'viewer' })],
    [
      'a GKE cluster, quoted for the shell',
      { auth: GKE },
      'db',
      bindSecret('db').replace(`--member=${MEMBER}`, "'--member=serviceAccount:acme.svc.id.goog[payments/api]'"),
    ],
  ])('binds %s', (_, block, ref, text) => {
    expect(gcpsmGrants(block, [ref])).toMatchObject([{ text }]);
  });

  const LISTER = `gcloud iam roles create latchkeySecretLister --project=acme \\
  --permissions=secretmanager.secrets.list
gcloud projects add-iam-policy-binding acme \\
  --role=projects/acme/roles/latchkeySecretLister \\
  --member=${MEMBER} \\
  --condition=None
`;

  function bindFound(place: string, beginning: string, role = 'secretAccessor'): string {
    const number = "$(gcloud projects describe acme --format='value(projectNumber)')";
    const name = `projects/${number}/${place}/${beginning}`;
    return `gcloud projects add-iam-policy-binding acme \\
  --role=roles/secretmanager.${role} \\
  --member=${MEMBER} \\
  --condition="expression=resource.name.startsWith('${name}'),title=secrets-${beginning}"
`;
  }

  it.each([
    ['all secrets', {}, { name: { regexp: 'db' } }, bindFound('secrets', '')],
    ['those with a beginning', {}, { path: 'prod-', tags: { team: 'pay' } }, bindFound('secrets', 'prod-')],
    ['those an expression begins with', {}, { name: { regexp: '^prod-db' } }, bindFound('secrets', 'prod-db')],
    [
      'regional ones',
      { location: 'europe-west3' },
      { name: { regexp: 'db' } },
      bindFound('locations/europe-west3/secrets', ''),
    ],
  ])('lets it list secrets, and read %s', (_, block, query, binding) => {
    const [read, ...others] = gcpsmGrants(block, [], { finds: [query, query] });

    expect(read).toMatchObject({ text: LISTER + binding, note: expect.stringContaining('in the whole project') });
    expect(others).toEqual([]);
  });

  it('lets it list the versions of what is found, where the store asks for the newest enabled one', () => {
    const block = { secretVersionSelectionPolicy: 'LatestOrFetch' };

    const [, versions] = gcpsmGrants(block, [], { finds: [{ name: { regexp: '^a' } }] });

    expect(versions).toMatchObject({ optional: true, text: bindFound('secrets', 'a', 'viewer') });
  });

  it.each([
    [{}, /neither a name nor tags/],
    [{ path: "a'b", name: { regexp: 'c' } }, /begins no name of a secret/],
    [{ name: { regexp: "^a'b" } }, /begins no name of a secret/],
  ])('refuses the find %j', (query, message) => {
    expect(() => gcpsmGrants({}, [], { finds: [query] })).toThrow(message);
  });

  it('lets the ServiceAccount act as the Google service account that reads', () => {
    const email = 'api@acme.iam.gserviceaccount.com';
    const [login, read] = gcpsmGrants({}, ['db'], { annotations: { 'iam.gke.io/gcp-service-account': email } });

    expect(login).toMatchObject({
      purpose: 'login',
      principal: MEMBER,
      text: `gcloud iam service-accounts add-iam-policy-binding ${email} \\
  --role=roles/iam.workloadIdentityUser \\
  --member=${MEMBER}
`,
    });
    expect(read).toMatchObject({
      principal: `serviceAccount:${email}`,
      text: bindSecret('db', { member: `serviceAccount:${email}` }),
    });
  });

  it('lets each delegate make tokens of the next', () => {
    const [hub, api] = ['hub@acme.iam.gserviceaccount.com', 'api@acme.iam.gserviceaccount.com'];
    const annotations = {
      'iam.gke.io/gcp-service-account': api,
      'iam.gke.io/gcp-service-account-delegates': JSON.stringify([hub]),
    };

    const [first, second] = gcpsmGrants({}, ['db'], { annotations });

    expect(first?.text).toMatch(new RegExp(`binding ${hub} .*workloadIdentityUser .*${MEMBER}`, 's'));
    expect(second?.text).toMatch(
      new RegExp(`binding ${api} .*serviceAccountTokenCreator .*member=serviceAccount:${hub}`, 's'),
    );
  });

  it('marks the listing of versions as optional, where the store asks for the newest enabled one', () => {
    const block = { secretVersionSelectionPolicy: 'LatestOrFetch' };

    const grants = gcpsmGrants(block, ['db', { key: 'pinned', version: '1' }]);

    expect(grants).toMatchObject([{}, { optional: true, text: bindSecret('db', { role: 'viewer' }) }]);
  });

  it('has a word for the account of a key in a Secret', () => {
    const auth = { secretRef: { secretAccessKeySecretRef: { name: 'gcp', key: 'key.json' } } };

    const grants = gcpsmGrants({ auth }, ['db'], { reader: 'none' });

    expect(grants).toMatchObject([
      {
        text: bindSecret('db', { member: 'serviceAccount:CLIENT_EMAIL' }),
        note: 'CLIENT_EMAIL stands for the client_email of the key in Secret gcp (key key.json)',
      },
    ]);
  });

  it('refuses a key that is no name of a secret', () => {
    expect(() => gcpsmGrants({}, ['a b'])).toThrow(/the key "a b" is no name of a secret/);
  });
});
