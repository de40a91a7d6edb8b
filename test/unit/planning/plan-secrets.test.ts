import { describe, expect, it } from 'vitest';
import { aContainer, aPod } from '../../support/a-pod.ts';
import { aReference } from '../../support/a-store.ts';
import { envOf, patched, plan } from '../../support/plan-scene.ts';

const DB = 'secretstore://aws-prod/db';

/** The variables of the planned Pod, with `SECRET` for the Secret's name, and the templates of its keys. */
function planned(env: Parameters<typeof aContainer>[0]) {
  const pod = aPod({ containers: [aContainer(env)] });
  const { patch, secrets, problems } = plan(pod);
  expect(problems).toEqual([]);
  const text = JSON.stringify(envOf(patched(pod, patch))).replaceAll(secrets[0]?.name ?? '-', 'SECRET');
  const templates = Object.entries(secrets[0]?.keys ?? {}).map(([key, { template }]) => [key, template] as const);
  return { env: JSON.parse(text) as unknown, templates: Object.fromEntries(templates) };
}

function fromSecret(name: string, key = name, rest: object = {}) {
  return { name, valueFrom: { secretKeyRef: { name: 'SECRET', key, ...rest } } };
}

describe('the Secret of variables', () => {
  it('takes a longer value as one key, with escapes undone', () => {
    const { env, templates } = planned({ URL: `a$\${secretstore://x}b\${${DB}}` });

    expect(env).toEqual([fromSecret('URL')]);
    expect(templates).toEqual({ URL: ['a${secretstore://x}b', aReference('db')] });
  });

  it('is optional for an optional reference without a default', () => {
    const { env } = planned({ A: `${DB}?optional`, B: `${DB}?optional&default=x`, C: `c\${${DB}?optional}` });

    expect(env).toEqual([fromSecret('A', 'A', { optional: true }), fromSecret('B'), fromSecret('C')]);
  });

  it('gives the kubelet helpers before a value that it expands', () => {
    const { env } = planned({ HOST: 'db', URL: `\${${DB}#user}@$(HOST)/\${${DB}#name}` });

    expect(env).toEqual([
      { name: 'HOST', value: 'db' },
      fromSecret('LATCHKEY_URL_1'),
      fromSecret('LATCHKEY_URL_2'),
      { name: 'URL', value: '$(LATCHKEY_URL_1)@$(HOST)/$(LATCHKEY_URL_2)' },
    ]);
  });

  it('gives an absent helper the empty string, because the kubelet leaves $(NAME) of an unset variable as text', () => {
    const { env, templates } = planned({ URL: `$(HOST)/\${${DB}?optional}` });

    expect(env).toEqual([fromSecret('LATCHKEY_URL_1'), { name: 'URL', value: '$(HOST)/$(LATCHKEY_URL_1)' }]);
    expect(templates).toEqual({ LATCHKEY_URL_1: ['', aReference('db', { optional: true })] });
  });

  it('names helpers apart from each other and from variables that are there', () => {
    const { env } = planned([
      { name: 'LATCHKEY_A_B_1', value: 'mine' },
      { name: 'A-B', value: `$(X)\${${DB}}` },
      { name: 'A.B', value: `$(X)\${${DB}#b}` },
      { name: 'A.B', value: `$(X)\${${DB}#c}` },
    ]);

    expect(env).toEqual([
      { name: 'LATCHKEY_A_B_1', value: 'mine' },
      fromSecret('LATCHKEY_A_B_2'),
      { name: 'A-B', value: '$(X)$(LATCHKEY_A_B_2)' },
      fromSecret('LATCHKEY_A_B_3'),
      { name: 'A.B', value: '$(X)$(LATCHKEY_A_B_3)' },
      fromSecret('LATCHKEY_A_B_4'),
      { name: 'A.B', value: '$(X)$(LATCHKEY_A_B_4)' },
    ]);
  });

  it('keeps the last of two variables of one name the last', () => {
    const { env, templates } = planned([
      { name: 'A', value: `${DB}#first` },
      { name: 'B', value: 'between' },
      { name: 'A', value: `${DB}#last` },
    ]);

    const [first = '', last = ''] = Object.keys(templates);
    expect(env).toEqual([fromSecret('A', first), { name: 'B', value: 'between' }, fromSecret('A', last)]);
    expect(templates).toEqual({
      [first]: [aReference('db', { property: 'first' })],
      [last]: [aReference('db', { property: 'last' })],
    });
  });

  it('takes a thousand variables', () => {
    const variables = Array.from({ length: 1000 }, (_, index) => [`V_${index}`, `${DB}#p${index}`]);

    const { env, templates } = planned(Object.fromEntries(variables));

    expect(env).toHaveLength(1000);
    expect(Object.keys(templates)).toHaveLength(1000);
  });

  it('takes variables with the names of inherited properties', () => {
    const { env, templates } = planned([
      { name: '__proto__', value: DB },
      { name: 'constructor', value: DB },
    ]);

    expect(env).toEqual([fromSecret('__proto__'), fromSecret('constructor')]);
    expect(Object.keys(templates)).toEqual(['__proto__', 'constructor']);
  });
});
