import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellCommand, shellWord } from '../../src/shell-word.ts';

describe('shellWord', () => {
  it.each([
    'plain',
    'a b',
    "it's",
    '$(id)',
    '`id`',
    'a"b',
    'a\nb',
    '',
    '~',
    '*',
    'serviceAccount:acme.svc.id.goog[a/b]',
  ])('keeps %j one word for a shell', (text) => {
    const printed = execFileSync('/bin/sh', ['-c', `printf '<%s>' ${shellWord(text)}`], { encoding: 'utf8' });

    expect(printed).toBe(`<${text}>`);
  });

  it('leaves plain words as they are', () => {
    expect(shellWord('--role=roles/secretmanager.viewer')).toBe('--role=roles/secretmanager.viewer');
  });
});

describe('shellCommand', () => {
  it('is one command over several lines', () => {
    const printed = execFileSync('/bin/sh', ['-c', shellCommand("printf '<%s>'", 'a', 'b')], { encoding: 'utf8' });

    expect(printed).toBe('<a><b>');
  });
});
