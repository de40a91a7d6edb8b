import { expect, it } from 'vitest';
import { createTopics, namespaceTopic } from '../../../../src/controller/external-secret/topics.ts';
import { parsedDefinition } from '../../../support/external-secret-scene.ts';

it('finds the definitions that a store, a namespace or a target concerns', () => {
  const topics = createTopics();
  topics.update('payments/db', parsedDefinition());
  topics.update('payments/other', parsedDefinition({ target: { name: 'db' } }, { name: 'other' }));

  expect(topics.dependants('SecretStore/payments/main')).toEqual(['payments/db', 'payments/other']);
  expect(topics.dependants(namespaceTopic('payments'))).toEqual(['payments/db', 'payments/other']);
  expect(topics.dependants('Secret/payments/db')).toEqual(['payments/db', 'payments/other']);
});

it('forgets what a definition no longer depends on, and names it once more', () => {
  const topics = createTopics();
  topics.update('payments/db', parsedDefinition());

  const changed = topics.update('payments/db', parsedDefinition({ secretStoreRef: { name: 'new' } }));
  topics.update('payments/gone', parsedDefinition());
  topics.update('payments/gone', undefined);

  expect([...changed]).toContain('SecretStore/payments/main');
  expect(topics.dependants('SecretStore/payments/main')).toEqual([]);
  expect(topics.dependants('SecretStore/payments/new')).toEqual(['payments/db']);
});
