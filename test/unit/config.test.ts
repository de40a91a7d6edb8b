import { describe, expect, it } from 'vitest';
import { configJsonSchema, durationMs, parseConfig } from '../../src/config.ts';
import { LatchkeyError } from '../../src/errors.ts';
import { isMapping } from '../../src/fields.ts';

function mistakesIn(text: string): string {
  try {
    parseConfig(text);
    return 'none';
  } catch (error) {
    return error instanceof LatchkeyError && error.code === 'CONFIG_INVALID' ? error.message : 'unexpected';
  }
}

describe('parseConfig', () => {
  it.each(['', '{}', '# nothing\n', 'server: {}'])('reads %j as all defaults', (text) => {
    expect(parseConfig(text)).toEqual(parseConfig(''));
  });

  it('has the defaults that the design fixes', () => {
    const { server, identity, resolve, stores, delivery } = parseConfig('');

    expect(server.listen).toBe('0.0.0.0:8443');
    expect(identity.audiences).toMatchObject({ aws: ['sts.amazonaws.com'], vault: ['vault'], kubernetes: [] });
    expect(durationMs(resolve.cacheTtl)).toBe(60_000);
    expect(stores).toMatchObject({ controllerClass: 'latchkey', claimUnclassed: false });
    expect(delivery.allowed).toEqual(['secret']);
  });

  it('keeps what is written beside the defaults', () => {
    const { server, identity } = parseConfig(
      'server: { listen: "127.0.0.1:0" }\nidentity: { audiences: { vault: [a] } }',
    );

    expect(server).toMatchObject({ listen: '127.0.0.1:0', accessLog: true });
    expect(identity.audiences).toMatchObject({ vault: ['a'], aws: ['sts.amazonaws.com'] });
  });

  it('names every mistake with its path', () => {
    const text = `
server: { listen: "0.0.0.0:99999", drain: 1d }
resolve: { concurrencyPerStore: 0, cacheTtll: 1s }
tsl: {}
delivery: { allowed: [gate] }
`;

    const mistakes = mistakesIn(text);

    expect(mistakes).toMatch(/^the configuration has 6 mistake\(s\): /);
    for (const mistake of [
      'server.listen: must name a port up to 65535',
      'server.drain: must be a duration from 0s to 120s, such as "10s"',
      'resolve.concurrencyPerStore: ',
      'resolve.cacheTtll: is no setting; remove it or correct its spelling',
      'tsl: is no setting; remove it or correct its spelling',
      'delivery.allowed.0: must be secret',
    ]) {
      expect(mistakes).toContain(mistake);
    }
  });

  it.each([
    ['a list', '[]', /^the configuration has 1 mistake\(s\): the file: /],
    ['a text', 'hello', /the file: /],
    ['what is no YAML', 'a: [\nb', /line \d+, column \d+: is no YAML/],
    ['a key that stands twice', 'tls: {}\ntls: {}', /line 2, column 1: is no YAML/],
    ['the name of an inherited property', '__proto__: {}', /./],
    ['files without their names', 'tls: { mode: files }', /tls\.certFile: is required.*tls\.keyFile: is required/],
  ])('refuses %s', (_title, text, message) => {
    expect(mistakesIn(text)).toMatch(message);
  });

  it.each([
    ['identity.tokenLifetime', '599s'],
    ['identity.tokenLifetime', '2h'],
    ['server.deadlineMargin', '6s'],
    ['delivery.leaseDuration', '1'],
  ])('bounds %s, which is not %s', (path, value) => {
    const [group = '', name = ''] = path.split('.');

    expect(mistakesIn(`${group}: { ${name}: "${value}" }`)).toMatch(`${path}: must be a duration from`);
  });

  it('asks for both files where certificates come from files', () => {
    expect(mistakesIn('tls: { mode: files, certFile: /a }')).toMatch(/1 mistake.*tls\.keyFile: is required/);
  });

  it.each([
    ['3m', '15s', 'none'],
    ['270s', '60s', 'none'],
    ['269s', '60s', 'tls.caLifetime: must be at least 270s with tls.rotationSpread: 60s'],
    ['1h', '1h', 'tls.caLifetime: must be at least 10890s with tls.rotationSpread: 1h'],
  ])('lets an authority of %s with a spread of %s live until the next one signs', (caLifetime, spread, mistake) => {
    expect(mistakesIn(`tls: { caLifetime: ${caLifetime}, rotationSpread: ${spread} }`)).toMatch(
      new RegExp(`(^|: )${mistake.replaceAll('.', '\\.')}$`),
    );
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(parseConfig(''))).toBe(true);
  });
});

describe('configJsonSchema', () => {
  it('describes every group for editors and the chart', () => {
    const { properties, additionalProperties } = configJsonSchema();

    expect(isMapping(properties) ? Object.keys(properties) : []).toEqual(Object.keys(parseConfig('')));
    expect(additionalProperties).toBe(false);
  });
});
