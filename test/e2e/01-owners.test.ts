import { beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import { getStage, type Stage } from './stage.ts';
import { createTeam, decode, podSpec, untilRunning, workload } from './team.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await getStage();
});

describe('a Deployment with references', () => {
  it('becomes Running with one Secret, owned by its ReplicaSet, that goes with it', async () => {
    const team = await createTeam(stage, 'deployment');
    await team.put('db', { user: 'app', password: 'p$(X) "q" ünï\nline' });
    const env = [
      { name: 'DB_PASSWORD', value: `secretstore://vault/${team.namespace}/db#password` },
      { name: 'DSN', value: `postgres://\${secretstore://vault/${team.namespace}/db#user}@db` },
    ];

    await team.create(workload('Deployment', 'api', { replicas: 3, env }));

    const pods = await untilRunning(team, 'api', 3);
    const secrets = await team.secrets();
    expect(secrets).toHaveLength(1);
    const [secret] = secrets;
    expect(decode(secret, 'DB_PASSWORD')).toBe('p$(X) "q" ünï\nline');
    expect(decode(secret, 'DSN')).toBe('postgres://app@db');
    expect(secret?.metadata.ownerReferences?.map(({ kind }) => kind)).toEqual(['ReplicaSet']);
    for (const pod of pods) {
      const [container] = pod.spec['containers'] as { env: unknown }[];
      expect(container?.env).toEqual(
        ['DB_PASSWORD', 'DSN'].map((name) => ({
          name,
          valueFrom: { secretKeyRef: { name: secret?.metadata.name, key: name } },
        })),
      );
    }

    await stage.plane.kubectl(['delete', 'deployment', 'api', '-n', team.namespace]);
    await waitUntil('the Secret is gone', async () => (await team.secrets()).length === 0, { timeoutMs: 60_000 });
  });

  it('takes annotations from its own metadata, and the next rollout follows them', async () => {
    const team = await createTeam(stage, 'annotated');
    await team.put('a', { value: 'first' });
    await team.put('b', { value: 'second' });
    const reference = (key: string) => `secretstore://vault/${team.namespace}/${key}#value`;

    await team.create(workload('Deployment', 'api', { annotations: { 'latchkey.dev/env.TOKEN': reference('a') } }));
    await untilRunning(team, 'api', 1);
    const before = await team.secrets();
    expect(before.map((secret) => decode(secret, 'TOKEN'))).toEqual(['first']);

    await stage.plane.kubectl([
      'annotate',
      '-n',
      team.namespace,
      'deployment/api',
      '--overwrite',
      `latchkey.dev/env.TOKEN=${reference('b')}`,
    ]);
    await stage.plane.kubectl(['rollout', 'restart', '-n', team.namespace, 'deployment/api']);

    await waitUntil('the rollout has its own Secret', async () => {
      const values = (await team.secrets()).map((secret) => decode(secret, 'TOKEN'));
      return values.includes('second');
    });
    await stage.plane.kubectl(['rollout', 'status', '-n', team.namespace, 'deployment/api', '--timeout=60s']);
  });
});

describe.each(['StatefulSet', 'DaemonSet'] as const)('a %s', (kind) => {
  it('has its revision as owner, and keeps no more Secrets than revisions when it changes 12 times', async () => {
    const team = await createTeam(stage, kind.toLowerCase());
    await team.put('db', { password: 'x' });
    const podSpecMore = kind === 'DaemonSet' ? { nodeSelector: { 'kubernetes.io/hostname': 'none' } } : {};
    const manifest = (round: number) =>
      workload(kind, 'app', {
        env: [
          { name: 'PASSWORD', value: `secretstore://vault/${team.namespace}/db#password` },
          { name: 'ROUND', value: String(round) },
        ],
        spec: {
          revisionHistoryLimit: 2,
          ...(kind === 'DaemonSet' ? { updateStrategy: { rollingUpdate: { maxUnavailable: '100%' } } } : {}),
        },
        podSpec: kind === 'DaemonSet' ? {} : podSpecMore,
      });

    await team.create(manifest(0));
    await untilRevision(team.namespace, 0);
    for (let round = 1; round <= 12; round += 1) {
      const path = `/apis/apps/v1/namespaces/${team.namespace}/${kind.toLowerCase()}s/app`;
      const patch = {
        spec: {
          template: {
            spec: podSpec([
              { name: 'PASSWORD', value: `secretstore://vault/${team.namespace}/db#password` },
              { name: 'ROUND', value: String(round) },
            ]),
          },
        },
      };
      const { status, text } = await stage.plane.request('PATCH', path, {
        body: patch,
        contentType: 'application/strategic-merge-patch+json',
      });
      if (status !== 200) throw new Error(text);
      await untilRevision(team.namespace, round);
    }

    await waitUntil('old Secrets are pruned', async () => (await team.secrets()).length <= 3, { timeoutMs: 60_000 });
    const secrets = await team.secrets();
    expect(secrets.length).toBeGreaterThanOrEqual(1);
    expect(new Set(secrets.flatMap(({ metadata }) => metadata.ownerReferences?.map((owner) => owner.kind)))).toEqual(
      new Set(['ControllerRevision']),
    );

    async function untilRevision(namespace: string, round: number): Promise<void> {
      await waitUntil(
        `round ${round} runs`,
        async () => {
          const { body } = await stage.plane.request<{
            items: {
              spec: { containers: { env?: { name: string; value?: string }[] }[] };
              status?: { phase?: string };
              metadata: { deletionTimestamp?: string };
            }[];
          }>('GET', `/api/v1/namespaces/${namespace}/pods`);
          const alive = body.items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
          return (
            alive.length > 0 &&
            alive.every(
              ({ spec, status }) =>
                status?.phase === 'Running' &&
                spec.containers[0]?.env?.some(({ name, value }) => name === 'ROUND' && value === String(round)),
            )
          );
        },
        { timeoutMs: 60_000 },
      );
    }
  });
});
