import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import type { Plan } from '../../../src/planning/plan.ts';
import { type PlanInput, planPod } from '../../../src/planning/plan-pod.ts';
import { viewPod } from '../../../src/planning/pod-view.ts';
import { SECRET_NAME } from '../../../src/planning/secret-name.ts';
import { formatReference } from '../../../src/references/format-reference.ts';
import type { ContainerManifest, PodManifest } from '../../support/a-pod.ts';
import { aStore, needs } from '../../support/a-store.ts';
import { aDefinition, definitionsOf, patched, plan, planInput, storesOf } from '../../support/plan-scene.ts';
import { arbitraryPod, COPIED_COPY, COPIED_SECRET } from './arbitrary-pods.ts';

const SETTINGS: Partial<PlanInput> = {
  stores: storesOf(
    aStore(),
    aStore({ kind: 'ClusterSecretStore', name: 'team' }),
    aStore({ name: 'own', needs: needs({ who: 'credentials' }) }),
  ),
  definitions: definitionsOf(
    aDefinition({ name: 'read-as-pod' }),
    aDefinition({ name: 'synced', stores: [{ kind: 'SecretStore', name: 'own' }] }),
  ),
  settings: {
    controllerClass: 'latchkey',
    externalSecrets: true,
    claimUnclassed: true,
    defaultStore: { kind: 'SecretStore', name: 'aws-prod' },
    deliveries: ['secret'],
  },
};

/** What can be compared of a plan: its errors have stacks. */
function facts({ problems, ...rest }: Plan): unknown {
  return { ...rest, problems: problems.map(({ line }) => line) };
}

/** The Pod with the target in place of each copy of it, whose name is all that may change there. */
function withTargets(pod: PodManifest, { secrets }: Pick<Plan, 'secrets'> = { secrets: [] }): PodManifest {
  let text = JSON.stringify(pod.spec).replaceAll(COPIED_COPY, 'read-as-pod');
  for (const { name, definition } of secrets) {
    if (definition !== undefined) text = text.replaceAll(name, definition.externalSecret);
  }
  return { ...pod, spec: JSON.parse(text) as PodManifest['spec'] };
}

function withoutEnv({ spec, metadata, ...rest }: PodManifest): unknown {
  const { containers, initContainers = [], ...others } = spec;
  const { labels = {}, annotations = {}, ...head } = metadata;
  return {
    ...rest,
    metadata: {
      ...head,
      labels: { ...labels, 'latchkey.dev/injected': 0 },
      annotations: { ...annotations, 'latchkey.dev/plan': 0 },
    },
    spec: { ...others, containers: containers.map(bare), initContainers: initContainers.map(bare) },
  };
}

function bare({ env: _env, envFrom: _envFrom, ...container }: ContainerManifest): unknown {
  return container;
}

function containersOf({ spec }: PodManifest): readonly ContainerManifest[] {
  return [...spec.containers, ...(spec.initContainers ?? [])];
}

function plainEntries(container: ContainerManifest | undefined): readonly object[] {
  return (container?.env ?? []).filter((entry) => {
    const text = JSON.stringify(entry);
    return !text.includes('secretstore:') && !text.includes(COPIED_SECRET);
  });
}

describe('planPod, for any Pod', () => {
  it('gives the same plan for the same input and leaves its input as it was', () => {
    fc.assert(
      fc.property(arbitraryPod, (pod) => {
        const before = structuredClone(pod);

        expect(facts(plan(pod, SETTINGS))).toEqual(facts(plan(structuredClone(pod), SETTINGS)));
        expect(pod).toEqual(before);
      }),
    );
  });

  it('gives a patch that fits, and none for what it planned already', () => {
    fc.assert(
      fc.property(arbitraryPod, (pod) => {
        const first = plan(pod, SETTINGS);
        fc.pre(first.problems.length === 0);

        const second = plan(patched(pod, first.patch), SETTINGS);

        expect(second.problems).toEqual([]);
        expect(second.patch).toEqual([]);
        expect(second.secrets.map(({ name }) => name)).toEqual(first.secrets.map(({ name }) => name));
        expect(second.secrets.map(contentOf)).toEqual(first.secrets.map(contentOf));
      }),
    );
  });

  it('changes variables and its two marks, and nothing else', () => {
    fc.assert(
      fc.property(arbitraryPod, (pod) => {
        const { patch, problems, secrets } = plan(pod, SETTINGS);
        fc.pre(problems.length === 0);

        const before = withTargets(pod);
        const after = withTargets(patched(pod, patch), { secrets });

        expect(withoutEnv(after)).toEqual(withoutEnv(before));
        for (const [index, container] of containersOf(before).entries()) {
          expect(containersOf(after)[index]?.env ?? []).toEqual(expect.arrayContaining([...plainEntries(container)]));
          const { envFrom = [] } = container;
          expect(containersOf(after)[index]?.envFrom?.slice(0, envFrom.length) ?? []).toEqual(envFrom);
        }
      }),
    );
  });

  it('lets no place take a Secret that is read as the Pod from anywhere but its copy, and awaits all others', () => {
    fc.assert(
      fc.property(arbitraryPod, (pod) => {
        const { patch, problems, awaits } = plan(pod, SETTINGS);
        fc.pre(problems.length === 0 && pod.metadata.annotations?.['latchkey.dev/inject'] !== 'false');

        const spec = JSON.stringify(patched(pod, patch).spec);

        expect(spec).not.toContain('ame":"read-as-pod"');
        expect(awaits.map(({ externalSecret }) => externalSecret)).toEqual(
          spec.includes('ame":"synced"') ? ['synced'] : [],
        );
      }),
    );
  });

  it('leaves no reference in a variable of a Pod that it accepts, and points to keys that it planned', () => {
    fc.assert(
      fc.property(arbitraryPod, (pod) => {
        const { patch, problems, secrets } = plan(pod, SETTINGS);
        fc.pre(problems.length === 0 && patch.length > 0);

        const variables = JSON.stringify(containersOf(patched(pod, patch)).map(({ env }) => env));

        expect(variables).not.toContain('secretstore://');
        for (const [, name = '', key = ''] of variables.matchAll(/"name":"(lk-[1-9a-f][^"]+)","key":"([^"]+)"/g)) {
          const planned = secrets.find((secret) => secret.name === name);
          const copied = planned?.definition?.variables.map((variable) => variable.key) ?? [];
          expect([...Object.keys(planned?.keys ?? {}), ...copied]).toContain(key);
        }
      }),
    );
  });

  it('plans Secrets that an API server takes', () => {
    fc.assert(
      fc.property(arbitraryPod, (pod) => {
        for (const { name, keys } of plan(pod, SETTINGS).secrets) {
          expect(name).toMatch(SECRET_NAME);
          for (const key of Object.keys(keys)) expect(key).toMatch(/^(?!\.$|\.\.)[-._a-zA-Z0-9]{1,253}$/);
        }
      }),
    );
  });

  it('throws for no JSON whatsoever in place of a Pod', () => {
    fc.assert(
      fc.property(fc.jsonValue(), arbitraryPod, fc.constantFrom('metadata', 'spec', 'containers'), (json, pod, at) => {
        const broken = {
          metadata: { ...pod, metadata: json },
          spec: { ...pod, spec: json },
          containers: { ...pod, spec: { ...pod.spec, containers: json, initContainers: [json] } },
        }[at];

        for (const manifest of [json, broken]) {
          const view = viewPod(manifest);
          const { problems } = planPod({ ...planInput(pod, SETTINGS), pod: view, containers: view.containers });
          for (const problem of problems) {
            expect(problem).toBeInstanceOf(LatchkeyError);
            expect(problem.code).not.toBe('INTERNAL');
          }
        }
      }),
    );
  });
});

function contentOf({ keys, map, definition }: Plan['secrets'][number]): unknown {
  const templates = Object.entries(keys).map(([key, { template }]) => [
    key,
    template.map((part) => (typeof part === 'string' ? { text: part } : formatReference(part))),
  ]);
  return [Object.fromEntries(templates), map && formatReference(map.reference), definition?.digest];
}
