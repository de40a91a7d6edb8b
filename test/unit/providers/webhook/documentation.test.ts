import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { Fields } from '../../../../src/fields.ts';
import { webhook } from '../../../../src/providers/webhook/index.ts';
import { parseReference } from '../../../../src/references/parse-reference.ts';
import { selectProperty } from '../../../../src/resolve/property.ts';
import { CALL } from '../../../contract/stage.ts';
import { startLoopbackKeeper } from '../../../support/loopback-keeper.ts';
import { testIdentity } from '../../../support/test-identity.ts';

interface StoreManifest {
  readonly spec: { readonly provider: { readonly webhook: { readonly url: string } } };
}

interface SecretManifest {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly stringData: Readonly<Record<string, string>>;
}

const PAGE = readFileSync(new URL('../../../../docs/providers/webhook.md', import.meta.url), 'utf8');
const [STORE = '', SECRET = '', POD = ''] = [...PAGE.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => text);

it('docs/providers/webhook.md shows a store that reads what its Pod refers to', async () => {
  const { spec }: StoreManifest = parse(STORE);
  const { metadata, stringData }: SecretManifest = parse(SECRET);
  const keeper = await startLoopbackKeeper({
    user: `${stringData['username']}:${stringData['password']}`,
    secrets: { 'prod/db': ['{"password":"before"}', '{"password":"now"}'] },
  });
  const block = spec.provider.webhook;
  const fields = Fields.of({ ...block, url: block.url.replace(/^https:\/\/[^/]+/, keeper.url) }, 'webhook');
  const store = webhook.configure(fields, { audiences: [], endpoints: ['127.0.0.1'], maxResponseBytes: 1024 });
  const credentials = Object.entries(stringData).map(([key, value]) => [`Secret/${metadata.name}/${key}`, value]);
  const client = await store.connect(testIdentity({ credentials: Object.fromEntries(credentials) }), CALL);
  onTestFinished(async () => {
    await client.close?.();
    await keeper.close();
  });

  const references = [...POD.matchAll(/secretstore:\S+/g)].map(([text]) => parseReference(text));
  const values = references.map(async ({ key, version, property = '' }) => {
    const { value } = await client.read({ key, ...(version !== undefined && { version }) }, CALL);
    return selectProperty(value, property, store.property, { key }).exposeText();
  });

  expect(fields.problems).toEqual([]);
  expect(store.needs.credentials.map(({ label }) => label)).toEqual(
    Array.from({ length: 2 }, () => Object.entries(metadata.labels)[0]),
  );
  expect(await Promise.all(values)).toEqual(['now', 'before']);
});
