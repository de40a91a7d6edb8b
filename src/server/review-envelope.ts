import { isMapping } from '../fields.ts';

const API_VERSION = 'admission.k8s.io/v1';
const MAX_LOGGED = 253;

/** As much of an AdmissionReview as it takes to answer it and to log the answer. */
export interface AdmissionEnvelope {
  readonly uid: string;
  readonly review: unknown;
  readonly request: Readonly<Record<string, unknown>>;
}

/** What a review is about, for the access log. */
export interface ReviewSubject {
  readonly uid: string;
  readonly operation: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
}

/** Reads a request body, or says in our own words why it is no AdmissionReview: a parser's message would quote the body. */
export function parseEnvelope(body: string): AdmissionEnvelope | { readonly problem: string } {
  const review = parseJson(body);
  if (!isMapping(review)) return { problem: 'the body is no JSON object' };
  if (review['apiVersion'] !== API_VERSION || review['kind'] !== 'AdmissionReview') {
    return { problem: `the body is no AdmissionReview of ${API_VERSION}` };
  }
  const request = review['request'];
  if (!isMapping(request)) return { problem: 'the AdmissionReview has no request' };
  const uid = request['uid'];
  if (typeof uid !== 'string' || uid === '') return { problem: 'the request of the AdmissionReview has no uid' };
  return { uid, review, request };
}

export function toEnvelopeText(uid: string, response: object): string {
  return JSON.stringify({ apiVersion: API_VERSION, kind: 'AdmissionReview', response: { ...response, uid } });
}

/** Names only, and cut: whoever holds the path can write anything into a review. */
export function subjectOf({ uid, request }: AdmissionEnvelope): ReviewSubject {
  const kind = isMapping(request['kind']) ? request['kind'] : {};
  const subResource = text(request['subResource']);
  return {
    uid: text(uid),
    operation: text(request['operation']),
    kind: subResource === '' ? text(kind['kind']) : `${text(kind['kind'])}/${subResource}`,
    namespace: text(request['namespace']),
    name: nameOf(request),
    dryRun: request['dryRun'] === true,
  };
}

/** Pods made by controllers have no name yet, only the prefix of one. */
function nameOf(request: AdmissionEnvelope['request']): string {
  const name = text(request['name']);
  if (name !== '') return name;
  const object = isMapping(request['object']) ? request['object'] : {};
  const metadata = isMapping(object['metadata']) ? object['metadata'] : {};
  const generateName = text(metadata['generateName']);
  return generateName === '' ? text(metadata['name']) : `${generateName}*`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MAX_LOGGED) : '';
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
