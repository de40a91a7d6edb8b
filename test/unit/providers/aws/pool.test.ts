import { describe, expect, it } from 'vitest';
import { createServer } from 'node:https';
import { once } from 'node:events';
import { generate } from 'selfsigned';
import { Fields } from '../../../../src/fields.ts';
import { createAws } from '../../../../src/providers/aws/index.ts';
import { aSecret, ANNOTATIONS, CALL, openAws } from '../../../support/open-aws.ts';
import { testIdentity } from '../../../support/test-identity.ts';

describe('the connections', () => {
  it('are shared by clients, and outlive them', async () => {
    const { server, connect } = await openAws({ secrets: new Map([['app', aSecret()]]) });

    for (let login = 0; login < 5; login += 1) {
      const client = await connect();
      await client.read({ key: 'app' }, CALL);
      await client.close?.();
    }

    expect(server.requests).toHaveLength(10);
    expect(server.sockets.size).toBe(1);
  });

  it('are closed while an answer that is too large still comes', async () => {
    const { server, connect } = await openAws({ secrets: new Map([['app', aSecret()]]) });
    const client = await connect();
    server.interrupt({ status: 200, body: 'x'.repeat(1024 * 1024) });

    const reading = client.read({ key: 'app' }, CALL);

    await expect(reading).rejects.toMatchObject({ code: 'VALUE_TOO_LARGE' });
    await expect(server.quiet()).resolves.toBeUndefined();
  });

  it('are not made to a server whose certificate nobody vouches for', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }]);
    const server = createServer({ key, cert }, (_, response) => response.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const store = createAws({ now: Date.now, sleep: () => Promise.resolve() }).configure(
      Fields.of({ service: 'SecretsManager', region: 'eu-central-1' }, 'aws'),
      { audiences: ['sts.amazonaws.com'], endpoints: [], endpointUrls: { sts: url }, maxResponseBytes: 65_536 },
    );

    const connecting = store.connect(testIdentity({ serviceAccount: { annotations: ANNOTATIONS } }), CALL);

    await expect(connecting).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      message: 'AWS STS at 127.0.0.1 has a certificate that is not trusted',
    });
    server.close();
  });
});
