import { UNKNOWN_ISSUER } from '../providers/grant.ts';
import { readerTitle } from './find-reading.ts';
import type { ReaderPermissions, StoreGrant } from './permissions-of.ts';

const ISSUER = UNKNOWN_ISSUER.slice('https://'.length);

/** For people: each text as the provider takes it, under comments that say what it is. */
export function permissionsText(permissions: readonly ReaderPermissions[]): string {
  const blocks = permissions.flatMap(({ reader, usedBy, grants, nothingToGrant }) => [
    comment(`===== ${readerTitle(reader)}`, `for ${usedBy.join(', ')}`),
    ...grants.map(grantText),
    ...nothingToGrant.map((store) => comment(`${store}: its provider has no rights to give`)),
  ]);
  const lacksIssuer = permissions.some(({ grants }) => grants.some(({ text }) => text.includes(ISSUER)));
  const legend = lacksIssuer ? [comment(`${ISSUER} stands for the cluster's OIDC issuer; --issuer fills it in`)] : [];
  return [...legend, ...blocks].join('\n');
}

/** For programs. */
export function permissionsJson(permissions: readonly ReaderPermissions[]): string {
  const complete = permissions.map((one) => ({
    ...one,
    grants: one.grants.map((grant) => ({ ...grant, optional: grant.optional ?? false })),
  }));
  return `${JSON.stringify({ permissions: complete }, undefined, 2)}\n`;
}

function grantText({ title, principal, stores, sharedWith, note, optional, text }: StoreGrant): string {
  const head = comment(
    `${optional === true ? 'OPTIONAL: ' : ''}${title}`,
    `  for    ${principal}`,
    `  store  ${stores.join(', ')}`,
    ...(note === undefined ? [] : [`  note   ${note}`]),
    ...(sharedWith.length === 0
      ? []
      : [`  note   the same for ${sharedWith.join(', ')}: join their texts, and know that each reads what all may`]),
  );
  return head + text;
}

/** Names come from files: none of them may end the comment it stands in. */
function comment(...lines: readonly string[]): string {
  return lines.map((line) => `# ${line.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')}\n`).join('');
}
