import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configJsonSchema, parseConfig } from '../../../src/config.ts';

const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

interface Setting {
  readonly path: string;
  readonly fallback: string;
  readonly allowed: string;
}

interface Schema {
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const documented = [...page.matchAll(/^\| `(.+?)` \| (.+?) \| (.+?) \| .+? \|$/gm)].map(
  ([, path = '', fallback = '', allowed = '']): Setting => ({ path, fallback: fallback.replaceAll('`', ''), allowed }),
);
const existing = settingsOf(configJsonSchema());

function settingsOf(schema: Schema, prefix = ''): readonly Setting[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const path = `${prefix}${name}`;
    if (child.type === 'object') return settingsOf(child, `${path}.`);
    const fallback = [child.default ?? []].flat().map(String).join(', ') || 'none';
    return [{ path, fallback, allowed: allowedBy(path, child) }];
  });
}

/** What the schema says, or else the message for a value that is wrong whatever the setting. */
function allowedBy(path: string, { type, minimum, maximum, items, ...schema }: Schema): string {
  if (type === 'boolean') return 'true, false';
  if (type === 'integer') return `${minimum} to ${maximum}`;
  const choices = schema.enum ?? items?.enum;
  if (choices !== undefined) return choices.join(', ');
  if (type === 'array') return 'a list';
  const refusal = refusalOf(path);
  return /must be (?:a duration from )?(.*?)(?:, such as|; correct|\. Correct|$)/.exec(refusal)?.[1] ?? 'anything';
}

function refusalOf(path: string): string {
  const nested = path.split('.').reduceRight<unknown>((value, name) => ({ [name]: value }), '/');
  try {
    parseConfig(JSON.stringify(nested));
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

describe('docs/configuration.md', () => {
  it('has every setting with its default, and no other, in the order of the file', () => {
    const withoutRange = ({ path, fallback }: Setting) => ({ path, fallback });

    expect(documented.map(withoutRange)).toEqual(existing.map(withoutRange));
  });

  it.each(existing.filter(({ allowed }) => allowed !== 'anything'))('says what $path allows', ({ path, allowed }) => {
    expect(documented.find((setting) => setting.path === path)?.allowed).toBe(allowed);
  });

  it('was compared with rules of every kind', () => {
    const free = existing.filter(({ allowed }) => allowed === 'anything').map(({ path }) => path);

    expect(free).toEqual(['tls.certFile', 'tls.keyFile', 'stores.controllerClass']);
  });

  it('puts each setting under its section', () => {
    const sections = page.split(/^## /m).slice(1);
    const misplaced = sections.flatMap((section) => {
      const title = section.split('\n')[0] ?? '';
      const paths = [...section.matchAll(/^\| `(.+?)` \|/gm)].map(([, path = '']) => path);
      return paths.filter((path) => (path.includes('.') ? !path.startsWith(`${title}.`) : title !== 'General'));
    });

    expect(misplaced).toEqual([]);
  });
});
