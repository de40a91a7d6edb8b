import { createHash, createHmac } from 'node:crypto';
import type { ProviderRequest } from './provider-server.ts';

/** What a signed request says of itself. */
export interface Signature {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  /** Whether the key made it, over this request. */
  isMadeBy(secretAccessKey: string): boolean;
}

const MAX_SKEW_MS = 15 * 60_000;

/** Reads a Signature Version 4. Throws where the request is unsigned, malformed or too old: no client of ours may send such. */
export function readSignature(request: ProviderRequest, now = Date.now()): Signature {
  const { headers } = request;
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const match = pattern.exec(headers['authorization'] ?? '');
  if (match === null) throw new Error('the request is not signed');
  const [, accessKeyId = '', date = '', region = '', service = '', signedHeaders = '', signature = ''] = match;

  const time = headers['x-amz-date'] ?? '';
  const sentAt = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!time.startsWith(date) || !(Math.abs(now - sentAt) < MAX_SKEW_MS))
    throw new Error('the signature has no usable date');
  const names = signedHeaders.split(';');
  const mustSign = [
    'host',
    'x-amz-date',
    ...(headers['x-amz-security-token'] === undefined ? [] : ['x-amz-security-token']),
  ];
  if (!mustSign.every((name) => names.includes(name))) throw new Error('the signature leaves out a header that counts');

  const canonical = [
    request.method,
    request.path,
    request.query.toString(),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    signedHeaders,
    sha256(request.body),
  ].join('\n');
  const scope = [date, region, service, 'aws4_request'];
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  return {
    accessKeyId,
    region,
    service,
    isMadeBy(secretAccessKey) {
      const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
      return hmac(key, toSign).toString('hex') === signature;
    },
  };
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
