import { beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, createTeam, podSpec, type SecretObject, type Team } from './team.ts';

/** `NAME=value` and its NUL in Linux, for a name of one letter. */
const MOST_OF_A_VARIABLE = 128 * 1024 - 'A='.length - 1;
const MOST_OF_A_SECRET = 1024 * 1024;

const TEXTS = {
  newline: 'first\nsecond\r\n\tthird\n\n',
  kubernetes: '$(HOME) $$(HOME) $HOME ${HOME} %HOME%',
  quotes: `"'\`\\" \\n {{ .Values }} <&>`,
  reference: 'secretstore://vault/other/key#property ${secretstore://vault/other/key}',
  unicode: 'Zoë \u{1F511} \u202Eright\u202C e\u0301',
  spaces: '  around  ',
  json: '{"a": [1, 2.50, 1e3], "b": null}',
  number: '007',
  empty: '',
  long: 'x'.repeat(100_000),
} as const;

/** All but NUL, no UTF-8. */
const BINARY = Buffer.from(Array.from({ length: 255 }, (_, index) => 255 - index));

let stage: Stage;
let team: Team;

beforeAll(async () => {
  stage = await getStage();
  team = await createTeam(stage, 'values');
  await team.put('texts', TEXTS);
  await team.put('binary', {
    value: BINARY.toString('base64'),
    nul: Buffer.from('a\0b').toString('base64'),
  });
});

function reference(rest: string): string {
  return `secretstore://vault/${team.namespace}/${rest}`;
}

function bytesOf(secret: SecretObject | undefined, key: string): Buffer {
  return Buffer.from(secret?.data?.[key] ?? '', 'base64');
}

/** The Secret whose keys these are. */
async function secretWith(...keys: readonly string[]): Promise<SecretObject | undefined> {
  const wanted = keys.toSorted().join();
  return (await team.secrets()).find(({ data = {} }) => Object.keys(data).toSorted().join() === wanted);
}

describe('a value arrives byte for byte', () => {
  it.each(Object.entries(TEXTS))('with %s in it', async (property, text) => {
    const env = [
      { name: property, value: reference(`texts#${property}`) },
      { name: `${property}_inside`, value: `<\${${reference(`texts#${property}`)}}>` },
    ];

    const { status, message } = await team.create(bare(`text-${property}`, env));

    expect({ status, message }).toEqual({ status: 201, message: '' });
    const secret = await secretWith(property, `${property}_inside`);
    expect(bytesOf(secret, property).toString()).toBe(text);
    expect(bytesOf(secret, `${property}_inside`).toString()).toBe(`<${text}>`);
  });

  it('whatever bytes base64 stands for', async () => {
    const { status, message } = await team.create(
      bare('binary', [{ name: 'BINARY', value: reference('binary?decode=base64#value') }]),
    );

    expect({ status, message }).toEqual({ status: 201, message: '' });
    expect(bytesOf(await secretWith('BINARY'), 'BINARY').equals(BINARY)).toBe(true);
  });

  it('with every property of a secret at once', async () => {
    const annotations = { 'latchkey.dev/env-from': reference('texts') };

    const { status, message } = await team.create(bare('all', [], { annotations }));

    expect({ status, message }).toEqual({ status: 201, message: '' });
    const secret = await secretWith(...Object.keys(TEXTS));
    for (const [property, text] of Object.entries(TEXTS)) expect(bytesOf(secret, property).toString()).toBe(text);
  });
});

describe('a value that no variable or Secret can hold', () => {
  /** As many variables of one letter, each the largest that there can be. */
  function aPod(name: string, letters: readonly string[]): KubernetesObject {
    const env = letters.map((letter) => ({ name: letter, value: reference(`${name}#${letter}`) }));
    return { ...bare(name, env), spec: podSpec(env) };
  }

  async function create(name: string, values: Readonly<Record<string, string>>) {
    await team.put(name, values);
    const { status, message } = await team.create(aPod(name, Object.keys(values)));
    return { status, message };
  }

  function refusal(line: string) {
    return { status: 422, message: `admission webhook "pods.latchkey.dev" denied the request: ${line}` };
  }

  const LARGEST = 'v'.repeat(MOST_OF_A_VARIABLE);
  /** Eight of the largest variables, and what they leave of a Secret. */
  const FULL = Object.fromEntries([
    ...'ABCDEFGH'.split('').map((letter) => [letter, LARGEST]),
    ['I', 'i'.repeat(MOST_OF_A_SECRET - 8 * LARGEST.length)],
  ]) as Readonly<Record<string, string>>;

  it('is refused with a NUL byte', async () => {
    const { status, message } = await team.create(
      bare('nul', [{ name: 'NUL', value: reference('binary?decode=base64#nul') }]),
    );

    expect({ status, message }).toEqual(
      refusal(
        'container "app", env NUL: the value of NUL holds a NUL byte, which no variable can carry. ' +
          'Store it base64-encoded, and let the program decode it. [VALUE_INVALID]',
      ),
    );
  });

  it('is refused beyond 128 KiB with its name, with its size', async () => {
    expect(await create('fits', { A: LARGEST })).toEqual({ status: 201, message: '' });

    expect(await create('large', { A: `${LARGEST}v` })).toEqual(
      refusal(
        `container "app", env A: the value of A has ${LARGEST.length + 1} bytes; ` +
          'a variable holds at most 131072 with its name. Select a property of it. [VALUE_TOO_LARGE]',
      ),
    );
  });

  it('is refused beyond 1 MiB together, with the sizes of the largest', async () => {
    expect(await create('full', FULL)).toEqual({ status: 201, message: '' });

    expect(await create('overfull', { ...FULL, I: `${FULL['I']}i` })).toEqual(
      refusal(
        `the values have ${MOST_OF_A_SECRET + 1} bytes together (largest: A 131069, B 131069, C 131069); ` +
          'a Secret holds at most 1048576. Select properties instead of whole secrets. [VALUE_TOO_LARGE]',
      ),
    );
    expect(await secretWith(...Object.keys(FULL))).toBeDefined();
  });
});
