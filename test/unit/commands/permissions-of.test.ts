import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/commands/collect-readings.ts';
import { permissionsOf } from '../../../src/commands/permissions-of.ts';
import type { Grant } from '../../../src/providers/grant.ts';
import { aStore, type StoreSettings } from '../../support/a-store.ts';

const ISSUER = 'https://oidc.example.com';
const ASKED = { refs: [{ key: 'a' }], finds: [{ name: { regexp: 'b' } }] };

function aGrant(grant: Partial<Grant> = {}): Grant {
  return { purpose: 'read', title: 'policy', principal: 'role a', language: 'json', text: '{}\n', ...grant };
}

function aReading(reading: Partial<Reading>, grants: readonly Grant[] | undefined, store: StoreSettings = {}): Reading {
  const found = aStore({ ...store, configured: grants === undefined ? {} : { grants: () => grants } });
  if (found.configured === undefined) throw new Error('a store of the test is not configured');
  return {
    reader: { kind: 'ServiceAccount', namespace: 'payments', name: 'api' },
    store: found,
    configured: found.configured,
    asked: ASKED,
    usedBy: ['Pod payments/api'],
    ...reading,
  };
}

describe('permissionsOf', () => {
  it('groups by reader, in order, and names once who uses it', () => {
    const report = { kind: 'ServiceAccount', namespace: 'payments', name: 'report' } as const;
    const readings = [
      aReading({ reader: report }, []),
      aReading({}, []),
      aReading({ usedBy: ['Pod payments/api', 'Job payments/api'] }, [], { name: 'other' }),
    ];

    const permissions = permissionsOf(readings, ISSUER);

    expect(permissions.map(({ reader, usedBy }) => [reader.name, usedBy])).toEqual([
      ['api', ['Pod payments/api', 'Job payments/api']],
      ['report', ['Pod payments/api']],
    ]);
  });

  it('asks the store with what is read, ServiceAccount and issuer', () => {
    const asked: unknown[] = [];
    const serviceAccount = { namespace: 'payments', name: 'api', uid: 'u', annotations: {} };
    const reading = aReading({ serviceAccount }, []);
    const configured = {
      ...reading.configured,
      grants: (...args: unknown[]) => {
        asked.push(args);
        return [];
      },
    };

    permissionsOf([{ ...reading, configured }], ISSUER);

    expect(asked).toEqual([[ASKED, { serviceAccount, issuer: ISSUER }]]);
  });

  it.each([
    ['says equal texts once', aGrant(), aGrant(), ['{}\n']],
    ['keeps other policies of a role apart', aGrant(), aGrant({ text: '[]\n' }), ['{}\n', '[]\n']],
    ['keeps equal texts for two roles apart', aGrant(), aGrant({ principal: 'role b' }), ['{}\n', '{}\n']],
    [
      'joins what Vault knows under one name',
      aGrant({ language: 'hcl', text: 'a\n' }),
      aGrant({ language: 'hcl', text: 'b\n' }),
      ['a\n\nb\n'],
    ],
  ])('%s', (_, first, second, texts) => {
    const [api] = permissionsOf([aReading({}, [first]), aReading({}, [second], { name: 'other' })], ISSUER);

    expect(api?.grants.map(({ text }) => text)).toEqual(texts);
    expect(api?.grants.flatMap(({ stores }) => stores)).toEqual([
      'SecretStore payments/aws-prod',
      'SecretStore payments/other',
    ]);
  });

  it('says which other ServiceAccounts are the same principal, and of credentials nothing', () => {
    const report = { kind: 'ServiceAccount', namespace: 'payments', name: 'report' } as const;
    const own = { kind: 'SecretStore', namespace: 'payments', name: 'own' } as const;

    const permissions = permissionsOf(
      [aReading({}, [aGrant()]), aReading({ reader: report }, [aGrant()]), aReading({ reader: own }, [aGrant()])],
      ISSUER,
    );

    expect(permissions.map(({ reader, grants }) => [reader.name, grants[0]?.sharedWith])).toEqual([
      ['own', []],
      ['api', ['ServiceAccount payments/report']],
      ['report', ['ServiceAccount payments/api']],
    ]);
  });

  it('names stores whose provider gives no rights', () => {
    const [api] = permissionsOf([aReading({}, undefined)], ISSUER);

    expect(api).toMatchObject({ grants: [], nothingToGrant: ['SecretStore payments/aws-prod'] });
  });
});
