import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Admitted, AdmitReview } from '../admission/admit-review.ts';
import { LatchkeyError } from '../errors.ts';
import { isMapping } from '../fields.ts';
import type { Call } from '../identity/store-identity.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { RecordReview } from './access-log.ts';
import { Deadline, deadlineMsOf } from './deadline.ts';
import { type AdmissionEnvelope, parseEnvelope, toEnvelopeText } from './review-envelope.ts';

/** Two objects of 3 MiB, the API server's limit for one, and the envelope. */
export const MAX_BODY_BYTES = 7 * 1024 * 1024;
/** Smaller bodies are bounded by the number of connections; of larger ones this many are held at a time. */
const LARGE_BODY_BYTES = 256 * 1024;
const MAX_LARGE_BODIES = 16;

const JSON_UTF8 = 'application/json; charset=utf-8';

export interface ReviewRoutesDeps {
  /** Answers reviews at `/mutate/:token`. */
  readonly admit: AdmitReview;
  /** Answers reviews at `/validate/:token`; there is no such route without it. */
  readonly validate?: AdmitReview;
  /** Whether a path token is one of those accepted now; must not tell by its time how nearly it was. */
  readonly pathToken: { matches(token: string): boolean };
  readonly record: RecordReview;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly deadlineMarginMs: number;
}

/** `POST /mutate/:token?timeout=10s` and its sister. No schema: Fastify's validator would rewrite the body it checks. */
export function registerReviewRoutes(app: FastifyInstance, deps: ReviewRoutesDeps): void {
  const { admit, validate, record, log, deadlineMarginMs } = deps;
  const guard = createGuard(deps);
  // Whatever the Content-Type says: the body is read as JSON in one place, by us, or refused.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) => {
    done(null, body);
  });

  register('mutate', admit);
  if (validate !== undefined) register('validate', validate);

  function register(route: string, answerReview: AdmitReview): void {
    app.post<{ Querystring: { timeout?: unknown } }>(
      `/${route}/:token`,
      { bodyLimit: MAX_BODY_BYTES, onRequest: guard },
      async (request, reply) => {
        const call = new Deadline(deadlineMsOf(request.query.timeout, deadlineMarginMs));
        const envelope = parseEnvelope(typeof request.body === 'string' ? request.body : '');
        if ('problem' in envelope) return refuse(reply, 400, envelope.problem);

        const { text, summary } = await answer(answerReview, envelope, call, log);
        call.end();
        record(envelope, summary, call.elapsedMs);
        return reply.header('content-type', JSON_UTF8).send(text);
      },
    );
  }
}

/** Runs before the body is read: nobody without the token makes us hold one. */
function createGuard({ pathToken, metrics }: ReviewRoutesDeps) {
  const refused = metrics.counter({
    name: 'latchkey_http_refused_total',
    help: 'Calls refused before their body was read, by reason',
    labels: ['reason'],
  });
  let largeBodies = 0;

  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const token = isMapping(request.params) ? request.params['token'] : undefined;
    if (typeof token !== 'string' || !pathToken.matches(token)) {
      refused.increment({ reason: 'path' });
      refuse(reply.header('connection', 'close'), 404, 'not found');
      return;
    }
    const bytes = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY);
    if (bytes > LARGE_BODY_BYTES) {
      if (largeBodies >= MAX_LARGE_BODIES) {
        refused.increment({ reason: 'busy' });
        // The API server's client tries again after a 429 that says when.
        refuse(reply.header('retry-after', '1').header('connection', 'close'), 429, 'too many large reviews at a time');
        return;
      }
      largeBodies += 1;
      reply.raw.once('close', () => {
        largeBodies -= 1;
      });
    }
    done();
  };
}

export function refuse(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${text}\n`);
}

/** `admit` should never throw; if it does, that is a denial with the review's uid, never an HTTP error. */
async function answer(admit: AdmitReview, envelope: AdmissionEnvelope, call: Call, log: Log) {
  try {
    const { response, summary } = await admit(envelope.review, call);
    return { text: toEnvelopeText(envelope.uid, response), summary };
  } catch (thrown) {
    const err = LatchkeyError.from(thrown);
    log.error({ err, uid: envelope.uid }, 'a review failed unexpectedly');
    const { response, summary } = failed(err.at(`request ${envelope.uid}`));
    return { text: toEnvelopeText(envelope.uid, response), summary };
  }
}

function failed(error: LatchkeyError): Admitted {
  const status = { code: 500, reason: 'InternalError', message: error.line };
  return { response: { allowed: false, status }, summary: { decision: 'denied', codes: [error.code] } };
}
