import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** The answers a server still owes. */
export interface InFlight {
  readonly count: number;
  /** When the last answer went out, or when this began, by `performance.now()`. */
  readonly idleSinceMs: number;
  /** From now on each answer, also those already being worked on, tells its caller to use another connection. */
  closeAfterAnswer(): void;
}

/** Counts from the request's headers to its last byte out, so that a body still arriving counts as well. */
export function trackInFlight(server: Server): InFlight {
  const responses = new Set<ServerResponse>();
  let idleSinceMs = performance.now();
  let closing = false;

  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    responses.add(response);
    if (closing) response.setHeader('connection', 'close');
    response.on('close', onClose);
  });

  /** One function for all answers: a closure for each showed in the benchmark. */
  function onClose(this: ServerResponse): void {
    responses.delete(this);
    idleSinceMs = performance.now();
  }

  return {
    get count() {
      return responses.size;
    },
    get idleSinceMs() {
      return idleSinceMs;
    },
    closeAfterAnswer() {
      closing = true;
      for (const response of responses) {
        if (!response.headersSent) response.setHeader('connection', 'close');
      }
    },
  };
}
