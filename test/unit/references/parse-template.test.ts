import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { formatReference } from '../../../src/references/format-reference.ts';
import { type ParsedValue, parseValue } from '../../../src/references/parse-template.ts';
import type { Reference, Template } from '../../../src/references/reference.ts';
import { arbitraryReference, textOf } from './arbitrary-references.ts';

const db: Reference = { store: { kind: 'SecretStore', name: 'aws' }, key: 'db', decode: 'none', optional: false };
const user: Reference = { ...db, property: 'user' };

// What the chart's ValidatingAdmissionPolicy takes for a reference.
const LEFTOVER = /^(cluster)?secretstore:\/\/|\$\{(cluster)?secretstore:\/\//;

const FRAGMENTS = [
  'secretstore://',
  'clustersecretstore://',
  'SecretStore:/',
  'aws',
  '/',
  'db',
  '?',
  '#',
  'user',
  '$',
  '$$',
  '${',
  '$(',
  '{',
  '}',
  ')',
  '(',
  ' ',
  'HOME',
  ':/',
  '${secretstore://aws/db}',
  '$${secretstore://aws/db}',
  '${ secretstore:/',
]; // prettier-ignore

describe('parseValue', () => {
  it.each([
    '',
    'plain',
    'https://example.com/?a=${HOME}&b=$(HOSTNAME)&c=$${HOME}',
    'see secretstore://aws/db',
    '"secretstore://aws/db"',
    '{"from":"secretstore://aws/db"}',
    '$secretstore://aws/db',
    '$(secretstore://aws/db)',
    'secretstore:aws',
    'SecretStore: where secrets are, https://example.com',
    '${secretstore}://',
    '${secretstore:-https://example.com}',
    '$${ secretstore://aws/db}',
    '${HOME}/secretstore://',
  ])('leaves %j as it is', (text) => {
    expect(parseValue(text)).toStrictEqual({ kind: 'plain' });
  });

  it.each<[text: string, template: Template]>([
    ['secretstore://aws/db', [db]],
    ['secretstore://aws/db#user', [user]],
    ['secretstore://aws/db#}', [{ ...db, property: '}' }]],
    ['${secretstore://aws/db}', [db]],
    ['${secretstore://aws/db}${secretstore://aws/db#user}', [db, user]],
    ['postgres://app:${secretstore://aws/db}@db/app', ['postgres://app:', db, '@db/app']],
    ['${secretstore://aws/db#{user,password}}!', [{ ...db, property: '{user,password}' }, '!']],
    ['${secretstore://aws/db#%7D}}', [{ ...db, property: '}' }, '}']],
    ['$$ ${HOME} $(A ${secretstore://aws/db} $$$', ['$ ${HOME} $(A ', db, ' $$']],
    ['$${HOME} ${secretstore://aws/db}', ['${HOME} ', db]],
    ['$${secretstore://aws/db}', ['${secretstore://aws/db}']],
    ['a $${clustersecretstore://aws', ['a ${clustersecretstore://aws']],
    ['$${secretstore://a/b}${secretstore://aws/db}', ['${secretstore://a/b}', db]],
    ['$$${secretstore://aws/db}', ['$', db]],
    ['$$$${secretstore://aws/db}', ['$${secretstore://aws/db}']],
    ['$$$$${secretstore://aws/db}', ['$$', db]],
    ['$${ secretstore://x ${secretstore://aws/db}', ['${ secretstore://x ', db]],
    ['$(${secretstore://aws/db})', ['$(', db, ')']],
  ])('takes %s out of the value', (text, template) => {
    expect(parseValue(text)).toStrictEqual({ kind: 'secret', template });
  });

  it.each<[text: string, parts: readonly (string | { template: Template })[]]>([
    ['$(USER):${secretstore://aws/db}', ['$(USER):', { template: [db] }]],
    ['${secretstore://aws/db}$$(USER)', [{ template: [db] }, '$$(USER)']],
    ['$$${secretstore://aws/db}$()', ['$$', { template: [db] }, '$()']],
    ['$(A)$${secretstore://x}$$', ['$(A)', { template: ['${'] }, 'secretstore://x}$$']],
    ['$(A) $${HOME} ${secretstore://aws/db}', ['$(A) $${HOME} ', { template: [db] }]],
    ['$(A)$(${secretstore://aws/db})', ['$(A)$$(', { template: [db] }, ')']],
    ['$$($(${secretstore://aws/db}$(A)', ['$$($$(', { template: [db] }, '$(A)']],
  ])('leaves %s to the kubelet, with helper variables', (text, parts) => {
    expect(parseValue(text)).toStrictEqual({ kind: 'helpers', parts });
  });

  it.each<[text: string, message: string]>([
    [' secretstore://aws/db', 'looks like a reference'],
    ['SecretStore://aws/db', 'looks like a reference'],
    ['secretstore:/aws/db', 'looks like a reference'],
    ['${secretstore:/aws/db}', 'looks like a reference'],
    ['${ secretstore://aws/db }', 'looks like a reference'],
    ['x ${SECRETSTORE://aws/db}', 'looks like a reference'],
    ['x ${\n clustersecretstore:/', 'looks like a reference'],
    ['${secretstore://aws/db', 'has no closing brace'],
    ['${secretstore://aws/db#{user}', 'has no closing brace'],
    ['secretstore://aws/db ', 'white space around'],
    ['${secretstore://aws/db }', 'white space around'],
    ['${secretstore://aws/${secretstore://aws/stage}}', 'references do not nest'],
    ['${secretstore://aws/$(STAGE)}', 'expands no variables'],
    ['${secretstore://aws/db}'.repeat(101), 'more than 100 references'],
  ])('refuses %j', (text, message) => {
    expect(() => parseValue(text)).toThrow(
      expect.objectContaining({ code: 'REF_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it.each([
    'hunter2 ${secretstore://aws/db',
    '${secretstore://aws/db hunter2',
    'hunter2 ${secretstore://aws} hunter2',
    '${ secretstore://aws/db}hunter2',
  ])('never quotes what surrounds the reference in %s', (text) => {
    expect(() => parseValue(text)).toThrow(expect.objectContaining({ line: expect.not.stringContaining('hunter2') }));
  });

  it('throws nothing but REF_INVALID, and agrees with the policy on leftovers', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), textOf(FRAGMENTS)), (text) => {
        const parsed = tryParse(text);
        const outcome = parsed instanceof LatchkeyError ? parsed.code : parsed.kind === 'plain';

        expect([!LEFTOVER.test(text), 'REF_INVALID']).toContain(outcome);
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves nothing in a value that the policy would refuse', () => {
    fc.assert(
      fc.property(textOf([...FRAGMENTS, '$(A)']), (rest) => {
        const parsed = tryParse(`$(A)${rest}`);

        fc.pre(!(parsed instanceof LatchkeyError) && parsed.kind === 'helpers');

        expect(valueWithHelpers(parsed)).not.toMatch(LEFTOVER);
      }),
      { numRuns: 2000 },
    );
  });

  it('leads to the text that the kubelet makes of everything else', () => {
    const literals = [
      'a',
      ' ',
      '}',
      '(',
      ')',
      '$$',
      '$(NAME)',
      '$(UNSET)',
      '$()',
      '$$(NAME)',
      '${HOME}',
      '$x',
      '$${HOME}',
    ];
    const piece = fc.oneof(
      fc.constantFrom(...literals).map((text) => ({ text, means: expand(text, ENVIRONMENT) })),
      fc.constant({ text: '$${secretstore://a/b}', means: '${secretstore://a/b}' }),
      arbitraryReference.map((reference) => ({ text: `\${${formatReference(reference)}}`, means: valueOf(reference) })),
    );

    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const parsed = parseValue(pieces.map(({ text }) => text).join(''));

        expect(environmentValue(parsed, pieces.map(({ text }) => text).join(''))).toBe(
          pieces.map(({ means }) => means).join(''),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('reads hostile values in linear time', () => {
    const hostile = ['$${', '${', '$(', '$', '${ secretstore:', '{', '$${ secretstore:/'].map(
      (text) => `:/secretstore:/${text.repeat(200_000)}`,
    );

    // Quadratic work on 200,000 repetitions would outlast the test's timeout many times over.
    for (const text of hostile) expect(tryParse(text)).toBeDefined();
    expect(tryParse(`\${secretstore://aws/${'{'.repeat(1_000_000)}`)).toBeInstanceOf(LatchkeyError);
  });
});

const ENVIRONMENT = new Map([['NAME', 'name']]);

function tryParse(text: string): ParsedValue | LatchkeyError {
  try {
    return parseValue(text);
  } catch (error) {
    if (error instanceof LatchkeyError) return error;
    throw error;
  }
}

/** What a container sees, given what stores and kubelet make of it. */
function environmentValue(parsed: ParsedValue, text: string): string {
  switch (parsed.kind) {
    case 'plain':
      return expand(text, ENVIRONMENT);
    case 'secret':
      return fill(parsed.template);
    case 'helpers': {
      const helpers = parsed.parts.filter((part) => typeof part !== 'string');
      const values = helpers.map(({ template }, index) => [`LATCHKEY_${index}`, fill(template)] as const);
      return expand(valueWithHelpers(parsed), new Map([...ENVIRONMENT, ...values]));
    }
  }
}

function valueWithHelpers(parsed: Extract<ParsedValue, { kind: 'helpers' }>): string {
  let count = -1;
  return parsed.parts.map((part) => (typeof part === 'string' ? part : `$(LATCHKEY_${(count += 1)})`)).join('');
}

function fill(template: Template): string {
  return template.map((part) => (typeof part === 'string' ? part : valueOf(part))).join('');
}

/** Values that would mean something if anybody expanded them again. */
function valueOf(reference: Reference): string {
  return `<$(NAME)$$${reference.key}>`;
}

/** The kubelet's rule, written independently: `$$` is `$`, a known `$(NAME)` is its value, all else is text. */
function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) =>
    name === undefined ? '$' : (variables.get(name) ?? found),
  );
}
