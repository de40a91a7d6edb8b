import { describe, expect, it } from 'vitest';
import { renderCopy } from '../../../src/delivery/render-copy.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import type { Produced } from '../../../src/externalsecrets/produced.ts';
import type { CopiedVariable, PlannedDefinition } from '../../../src/planning/plan.ts';
import { SecretValue } from '../../../src/secret-value.ts';
import { aReadDefinition } from '../../support/a-definition.ts';
import { anAsker } from '../../support/a-store.ts';
import { linesOf } from '../../support/fill-scene.ts';
import { aDefinition, definitionsOf } from '../../support/plan-scene.ts';

const CALL = { signal: new AbortController().signal };
const PLACE = 'container "api", env A, ExternalSecret "db"';
const NUL = new SecretValue(new Uint8Array([0x61, 0x00]));

function produced(data: Readonly<Record<string, string | SecretValue>>, rest: Partial<Produced> = {}): Produced {
  const values = Object.entries(data).map(([key, value]) => {
    return [key, typeof value === 'string' ? SecretValue.fromText(value) : value] as const;
  });
  const nothing = { type: undefined, labels: {}, annotations: {}, finalizers: [], isEmpty: false, missing: [] };
  return { ...nothing, data: new Map(values), ...rest };
}

function planned(rest: Partial<PlannedDefinition> = {}): PlannedDefinition {
  const places = ['container "api", env A'];
  return { externalSecret: 'db', digest: 'digest-of-db', places, optional: false, variables: [], ...rest };
}

function variable(key: string | undefined, optional = false): CopiedVariable {
  return { key, optional, where: 'container "api", env A' };
}

async function render(definition: PlannedDefinition, answer: Produced | LatchkeyError) {
  const asked: unknown[] = [];
  const options = {
    definitions: { ...definitionsOf(aDefinition()), definition: () => aReadDefinition() },
    produce: async (...[read, asker]: readonly unknown[]) => {
      asked.push([read, asker]);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return { ...(await renderCopy(definition, anAsker(), options, CALL)), asked };
}

describe("rendering a Pod's copy of an ExternalSecret", () => {
  it('reads the definition as the asker and takes what it comes to, type and all', async () => {
    const { data, type, problems, asked } = await render(
      planned(),
      produced({ a: '1' }, { type: 'kubernetes.io/tls' }),
    );

    expect([[...data.keys()], type, problems]).toEqual([['a'], 'kubernetes.io/tls', []]);
    expect(asked).toEqual([[aReadDefinition(), anAsker()]]);
  });

  it('says at which places of the Pod and the definition something went wrong', async () => {
    const failure = new LatchkeyError('SECRET_NOT_FOUND', 'no secret', { where: 'spec.data[0], key "db"' });

    expect(linesOf(await render(planned(), failure))).toEqual([
      `${PLACE}, spec.data[0], key "db": no secret. [SECRET_NOT_FOUND]`,
    ]);
  });

  it('is not filled with what a later definition says', async () => {
    const { asked, ...rendered } = await render(planned({ digest: 'earlier' }), produced({ a: '1' }));

    expect(asked).toEqual([]);
    expect(linesOf(rendered)).toEqual([
      `${PLACE}: it has changed since the Pod's copy was planned. Create the Pod again. [EXTERNAL_SECRET_NOT_READY]`,
    ]);
  });

  it.each([
    ['is refused where no remote secret exists', false, ['SECRET_NOT_FOUND']],
    ['is empty where no remote secret exists and no place needs one', true, []],
  ])('%s', async (_title, optional, codes) => {
    const { problems } = await render(planned({ optional }), produced({}, { isEmpty: true }));

    expect(problems.map(({ code }) => code)).toEqual(codes);
  });

  it('is refused where a variable takes a key that is not there', async () => {
    const variables = [variable('pasword'), variable('pasword'), variable('also', true), variable('user')];

    const rendered = await render(planned({ variables }), produced({ user: 'u', password: 'p' }));

    expect(linesOf(rendered)).toEqual([
      `${PLACE}: it makes no key "pasword"; it makes 2: password, user. Correct the key in the Pod, or add it to the ExternalSecret. [EXTERNAL_SECRET_INVALID]`,
    ]);
  });

  it.each([
    ['one takes them', [variable('keystore.p12')], ['VALUE_INVALID']],
    ['envFrom takes all', [variable(undefined)], ['VALUE_INVALID']],
    ['another key is taken', [variable('a')], []],
    ['all are mounted', [], []],
  ])('holds bytes that no variable can carry, unless a variable takes them: %s', async (_title, variables, codes) => {
    const { problems, data } = await render(planned({ variables }), produced({ a: '1', 'keystore.p12': NUL }));

    expect(problems.map(({ code }) => code)).toEqual(codes);
    expect([...data.keys()]).toEqual(['a', 'keystore.p12']);
  });

  it.each([['..'], ['a b'], ['ü'], ['']])('is refused with the key %j, which no Secret can have', async (key) => {
    const { problems } = await render(planned(), produced({ [key]: '1' }));

    expect(problems).toMatchObject([{ code: 'EXTERNAL_SECRET_INVALID', where: PLACE }]);
  });
});
