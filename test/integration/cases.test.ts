import { isUtf8 } from 'node:buffer';
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import type { AdmissionResponse } from '../../src/admission/decision.ts';
import type { KubeObject } from '../../src/kube/kube-object.ts';
import { type CaseServer, startCaseServer } from '../support/case-server.ts';
import { type Case, loadCases, type Manifest, type Outcome, updateCase } from '../support/load-cases.ts';

const cases = loadCases();
const admitted = cases.filter((one) => one.denied === undefined);
const refused = cases.filter((one) => one.denied !== undefined);
const isUpdate = process.env['UPDATE_CASES'] === '1';

describe('admission', () => {
  it.each(cases)('answers $name as its folder says', async (one) => {
    await using server = await startCaseServer(one.cluster, one.config, one.remote);

    const outcome = outcomeOf(one, await server.review(one.pod), server);

    if (isUpdate) updateCase(one.name, outcome);
    expect(outcome).toEqual(isUpdate ? outcome : outcomeIn(one));
  });

  it.each(admitted)('gives the same patch in a dry run of $name, and writes nothing', async (one) => {
    await using server = await startCaseServer(one.cluster, one.config, one.remote);

    const dry = await server.review(one.pod, { dryRun: true });
    const written = writtenTo(server);
    const real = await server.review(one.pod);

    expect(written).toEqual([]);
    expect([dry.allowed, dry.patch]).toEqual([true, real.patch]);
  });

  it.each(refused)('writes nothing for $name, and says in a dry run what it can know', async (one) => {
    await using server = await startCaseServer(one.cluster, one.config, one.remote);

    const dry = await server.review(one.pod, { dryRun: true });
    const real = await server.review(one.pod);

    expect(writtenTo(server)).toEqual([]);
    expect(real.status?.message).toContain(dry.status?.message ?? '');
  });

  it.each(admitted)('changes nothing in a second round of $name', async (one) => {
    await using server = await startCaseServer(one.cluster, one.config, one.remote);
    const first = await server.review(one.pod);

    const before = secretsOf(server);
    const second = await server.review(patched(one.pod, first));

    expect(second).toMatchObject({ allowed: true });
    expect(second.patch).toBeUndefined();
    expect(secretsOf(server)).toEqual(before);
  });
});

function outcomeIn({ admitted: documents, denied, warnings }: Case): Outcome {
  return { ...(documents && { admitted: documents }), ...(denied && { denied }), warnings };
}

function outcomeOf({ pod }: Case, response: AdmissionResponse, server: CaseServer): Outcome {
  const { allowed, status, warnings = [] } = response;
  if (!allowed) return { denied: status?.message ?? '', warnings };
  return { admitted: [patched(pod, response), ...secretsOf(server).map(readable)], warnings };
}

function patched(pod: Manifest, { patch }: AdmissionResponse): Manifest {
  if (patch === undefined) return pod;
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString('utf8')) as Operation[];
  return fastJsonPatch.applyPatch(structuredClone(pod), operations, true, true).newDocument;
}

function secretsOf({ cluster }: CaseServer): readonly KubeObject[] {
  return cluster.objects('v1', 'Secret').filter(({ metadata }) => metadata.name.startsWith('lk-'));
}

function writtenTo(server: CaseServer): readonly KubeObject[] {
  return [...secretsOf(server), ...server.cluster.objects('coordination.k8s.io/v1', 'Lease')];
}

/** The Secret as somebody would write it by hand: without what the API server adds, its values as text where they are text. */
function readable({ apiVersion, kind, metadata, type, data }: KubeObject): Manifest {
  const { name, namespace, labels, annotations, ownerReferences } = metadata;
  const values = Object.entries((data ?? {}) as Record<string, string>).map(([key, value]) => {
    return { key, value, bytes: Buffer.from(value, 'base64') };
  });
  const texts = values.filter(({ bytes }) => isUtf8(bytes)).map(({ key, bytes }) => [key, bytes.toString('utf8')]);
  const others = values.filter(({ bytes }) => !isUtf8(bytes)).map(({ key, value }) => [key, value]);
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      labels,
      ...(annotations && { annotations }),
      ownerReferences: ownerReferences?.map((owner) =>
        owner.kind === 'Lease' ? { ...owner, uid: 'of-the-lease' } : owner,
      ),
    },
    type,
    ...(texts.length > 0 && { stringData: Object.fromEntries(texts) }),
    ...(others.length > 0 && { data: Object.fromEntries(others) }),
  };
}
