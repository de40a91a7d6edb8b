import { describe, expect, it } from 'vitest';
import { toResponse } from '../../../src/admission/decision.ts';
import { type ErrorCode, LatchkeyError } from '../../../src/errors.ts';

function denied(...codes: readonly ErrorCode[]) {
  const problems = codes.map((code, index) => new LatchkeyError(code, `problem ${index}`));
  return toResponse({ kind: 'denied', problems, warnings: [] });
}

describe('toResponse', () => {
  it('allows an unchanged Pod', () => {
    expect(toResponse({ kind: 'unchanged', warnings: [] })).toEqual({ allowed: true });
  });

  it('sends a patch as base64 JSON', () => {
    const patch = [{ op: 'add', path: '/metadata/labels', value: { grüße: 'ü' } }] as const;

    const response = toResponse({ kind: 'patched', patch, warnings: [] });

    expect(response).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
    expect(JSON.parse(Buffer.from(response.patch ?? '', 'base64').toString('utf8'))).toEqual(patch);
  });

  it.each<[ErrorCode, number, string]>([
    ['SECRET_NOT_FOUND', 422, 'Invalid'],
    ['STORE_NOT_ALLOWED', 403, 'Forbidden'],
    ['PROVIDER_TIMEOUT', 503, 'ServiceUnavailable'],
    ['INTERNAL', 500, 'InternalError'],
  ])('answers %s with %i', (code, status, reason) => {
    expect(denied(code)).toEqual({
      allowed: false,
      status: { code: status, reason, message: `problem 0. [${code}]` },
    });
  });

  it.each<[ErrorCode[], number]>([
    [['PROVIDER_TIMEOUT', 'SECRET_NOT_FOUND'], 422],
    [['PROVIDER_TIMEOUT', 'ACCESS_DENIED'], 403],
    [['PROVIDER_TIMEOUT', 'INTERNAL'], 500],
  ])('takes the status of %j from what a retry cannot mend', (codes, status) => {
    expect(denied(...codes).status?.code).toBe(status);
  });

  it('says in one line what is wrong, and counts what does not fit', () => {
    const response = denied(...Array.from({ length: 13 }, () => 'REF_INVALID' as const));

    expect(response.status?.message).toMatch(
      /^problem 0\. \[REF_INVALID\] .*problem 9\. \[REF_INVALID\] And 3 more problems\.$/,
    );
    expect(response.status?.message).not.toContain('\n');
  });

  it('bounds what names of any length make of a line', () => {
    const problem = new LatchkeyError('REF_INVALID', 'wrong', { where: `env ${'A'.repeat(1_000_000)}` });

    const { status } = toResponse({ kind: 'denied', problems: [problem], warnings: [] });

    expect(status?.message).toMatch(/^env A+… \[REF_INVALID\]$/);
    expect(status?.message.length).toBeLessThan(2100);
  });

  it('sends at most ten warnings, and none where there are none', () => {
    const warnings = Array.from({ length: 12 }, (_, index) => `warning ${index} ${'x'.repeat(300)}`);

    const sent = toResponse({ kind: 'unchanged', warnings }).warnings ?? [];

    expect(sent).toHaveLength(10);
    expect(sent.every((warning) => warning.length === 240)).toBe(true);
  });
});
