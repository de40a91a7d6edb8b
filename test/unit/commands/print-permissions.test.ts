import { describe, expect, it } from 'vitest';
import type { ReaderPermissions, StoreGrant } from '../../../src/commands/permissions-of.ts';
import { permissionsJson, permissionsText } from '../../../src/commands/print-permissions.ts';

function aGrant(grant: Partial<StoreGrant> = {}): StoreGrant {
  return {
    purpose: 'read',
    title: 'policy',
    principal: 'role a',
    language: 'hcl',
    text: 'path "a" {}\n',
    stores: ['SecretStore payments/vault'],
    sharedWith: [],
    ...grant,
  };
}

function permissions(grant: Partial<StoreGrant> = {}): readonly ReaderPermissions[] {
  const reader = { kind: 'ServiceAccount', namespace: 'payments', name: 'api' } as const;
  return [{ reader, usedBy: ['Deployment payments/api'], grants: [aGrant(grant)], nothingToGrant: [] }];
}

/** Lines that are neither a comment nor empty. */
function live(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('permissionsText', () => {
  it.each(['a\nrm -rf /', 'a\rrm', 'a\u2028rm', 'a\u0085rm', '\u001b[2Ja'])('keeps %j inside its comment', (text) => {
    const printed = permissionsText(
      permissions({ title: text, principal: text, note: text, stores: [text], sharedWith: [text] }),
    );

    expect(live(printed)).toEqual(['path "a" {}']);
    expect(printed.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028]/u);
  });

  it('marks what may be left out, and says who else is the same', () => {
    const printed = permissionsText(permissions({ optional: true, sharedWith: ['ServiceAccount payments/report'] }));

    expect(printed).toContain('# OPTIONAL: policy\n');
    expect(printed).toContain('#   note   the same for ServiceAccount payments/report: ');
  });

  it.each([
    ['{"sub": "ISSUER:sub"}', true],
    ['{"sub": "oidc.example.com:sub"}', false],
  ])('explains the word ISSUER where it stands in %s: %s', (text, isExplained) => {
    const printed = permissionsText(permissions({ text }));

    expect(printed.startsWith("# ISSUER stands for the cluster's OIDC issuer; --issuer fills it in\n")).toBe(
      isExplained,
    );
  });

  it('is empty where there is nothing to grant', () => {
    expect(permissionsText([])).toBe('');
  });
});

describe('permissionsJson', () => {
  it('says of each text whether it is optional', () => {
    const printed: unknown = JSON.parse(permissionsJson(permissions()));

    expect(printed).toEqual({
      permissions: [{ ...permissions()[0], grants: [{ ...aGrant(), optional: false }] }],
    });
  });
});
