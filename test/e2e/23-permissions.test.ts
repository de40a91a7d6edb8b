import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../support/loopback-aws-iam.ts';
import { runLatchkey } from '../support/run-latchkey.ts';
import { annotationsOf, type CloudTeam, createCloudTeam, type Member } from './cloud-team.ts';
import { type Clouds, cloudStores, ISSUER, startClouds } from './clouds.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, type EnvEntry, podSpec, vaultStore } from './team.ts';

interface PrintedGrant {
  readonly purpose: 'login' | 'read';
  readonly title: string;
  readonly principal: string;
  readonly language: string;
  readonly text: string;
}

const NAME = 'least';
const STORES = ['vault', 'sm', 'ssm'] as const;

let stage: Stage;
let clouds: Clouds;
let team: CloudTeam;
let member: Member;

beforeAll(async () => {
  stage = await getStage();
  clouds = await startClouds(stage);
  team = await createCloudTeam(clouds, 'permissions');
  await Promise.all(['db', 'cache', 'other'].map((name) => team.putEverywhere(name, ['sm', 'ssm'])));
  member = await team.enrol(NAME, 'none');
  await stage.plane.apply(vaultStore(stage.vault.address, team.namespace, `${team.namespace}-${NAME}`, 'vault-least'));
});

afterAll(async () => {
  await clouds.stop();
});

function aPod(name: string, env: readonly EnvEntry[]) {
  return { ...bare(name, []), spec: podSpec(env, { serviceAccountName: NAME }) };
}

function reference(store: (typeof STORES)[number], name: string): EnvEntry {
  const { value } = team.reference(store, name);
  return { name: `${store}_${name}`.toUpperCase(), value: value.replace('//vault/', '//vault-least/') };
}

/** What `latchkey permissions` says that the manifests of the team need. */
async function printGrants(pod: object): Promise<readonly PrintedGrant[]> {
  const { namespace } = team;
  const { sm, ssm } = cloudStores(clouds);
  const stores = Object.entries({ sm, ssm }).map(([name, provider]) => ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name, namespace },
    spec: { provider },
  }));
  const vault = vaultStore(stage.vault.address, namespace, `${namespace}-${NAME}`, 'vault-least');
  const metadata = { name: NAME, namespace, annotations: annotationsOf(member) };
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
  const items = [account, vault, ...stores, { ...pod, metadata: { name: 'app', namespace } }];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const args = ['permissions', '-f', '-', '-o', 'json', '--issuer', ISSUER];
  const { code, stdout, stderr } = await runLatchkey(args, input);
  if (code !== 0) throw new Error(stderr);
  const { permissions }: { permissions: readonly { grants: readonly PrintedGrant[] }[] } = JSON.parse(stdout);
  return permissions.flatMap(({ grants }) => grants);
}

/** As an account does that pastes both. */
function grantInAws(grants: readonly PrintedGrant[]): void {
  const documents = grants.filter(({ language }) => language === 'json');
  const [trust] = documents.filter(({ purpose }) => purpose === 'login').map(parse);
  if (trust === undefined) throw new Error('no trust policy was printed');
  const policy = {
    Statement: documents.filter(({ purpose }) => purpose === 'read').flatMap((one) => parse(one).Statement),
  };
  clouds.world.awsRoles[member.awsRole] = { trust, policy };
}

function parse({ text }: PrintedGrant): PolicyDocument {
  return JSON.parse(text);
}

/** As OpenBao does; a shell says what its command was given. */
async function grantInVault(grants: readonly PrintedGrant[]): Promise<void> {
  const [role, policy] = ['sh', 'hcl'].map((language) => grants.find((grant) => grant.language === language));
  const shell = `vault() { for word; do printf '%s\\n' "$word"; done; }\n${role?.text}`;
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', shell]);
  const [verb, path = '', ...fields] = stdout.trimEnd().split('\n');
  const body = Object.fromEntries(fields.map((field) => field.split(/=(.*)/s, 2)));
  const [, name = ''] = /"(.*)"/.exec(policy?.title ?? '') ?? [];
  const answers = [
    await stage.vault.api('POST', `sys/policies/acl/${name}`, { body: { policy: policy?.text } }),
    await stage.vault.api('POST', path, { body }),
  ];
  expect({ verb, statuses: answers.map(({ status }) => status) }).toEqual({ verb: 'write', statuses: [204, 204] });
}

describe('what latchkey permissions prints', () => {
  const wanted = () => STORES.flatMap((store) => [reference(store, 'db'), reference(store, 'cache')]);

  it('lets a Pod read all that it refers to', async () => {
    const pod = aPod('app', wanted());
    const grants = await printGrants(pod);
    grantInAws(grants);
    await grantInVault(grants);

    const { status, message } = await team.create(pod);

    expect({ status, message }).toEqual({ status: 201, message: '' });
  });

  it.each(STORES)('opens nothing else in %s', async (store) => {
    const { status, message } = await team.create(aPod(`curious-${store}`, [reference(store, 'other')]));

    expect(status).toBe(403);
    expect(message).toContain('[ACCESS_DENIED]');
  });
});
