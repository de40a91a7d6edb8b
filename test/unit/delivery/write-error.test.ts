import { describe, expect, it } from 'vitest';
import { fromWriteError } from '../../../src/delivery/write-error.ts';
import { type ErrorCode, LatchkeyError } from '../../../src/errors.ts';
import { KubeError } from '../../../src/kube/client.ts';

describe('fromWriteError', () => {
  it.each<[number, ErrorCode]>([
    [409, 'TARGET_CONFLICT'],
    [400, 'WRITE_REFUSED'],
    [403, 'WRITE_REFUSED'],
    [404, 'WRITE_REFUSED'],
    [413, 'WRITE_REFUSED'],
    [422, 'WRITE_REFUSED'],
    [429, 'CLUSTER_UNAVAILABLE'],
    [500, 'CLUSTER_UNAVAILABLE'],
    [503, 'CLUSTER_UNAVAILABLE'],
    [0, 'CLUSTER_UNAVAILABLE'],
  ])('reads the status %i as %s, without the words of the answer', (status, code) => {
    const error = fromWriteError(new KubeError(status, 'Reason', 'data: hunter2', 7000), 'Secret "lk-1"');

    expect(error).toMatchObject({ code, message: expect.stringContaining('Secret "lk-1"') });
    expect(error.line).not.toContain('hunter2');
  });

  it('hands on how long the API server asked to wait', () => {
    expect(fromWriteError(new KubeError(429, 'TooManyRequests', '', 7000), 'x').retryAfterMs).toBe(7000);
  });

  it('reads whatever else is thrown, such as a deadline, as no answer', () => {
    expect(fromWriteError(new DOMException('', 'TimeoutError'), 'x').code).toBe('CLUSTER_UNAVAILABLE');
  });

  it('leaves an error of ours as it is', () => {
    const error = new LatchkeyError('BUSY', 'later');

    expect(fromWriteError(error, 'x')).toBe(error);
  });
});
