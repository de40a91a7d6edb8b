import type { FastifyServerOptions } from 'fastify';
import { LatchkeyError } from '../errors.ts';

/**
 * No route of ours has a schema: reviews are read by hand, and a schema would rewrite them. Fastify loads its schema
 * compilers, megabytes once they run, unless it is given others.
 */
export const withoutSchemas = {
  compilersFactory: { buildValidator: refuse, buildSerializer: refuse },
} as const satisfies FastifyServerOptions['schemaController'];

function refuse(): never {
  throw new LatchkeyError('INTERNAL', 'a route has a schema, which nothing compiles');
}
