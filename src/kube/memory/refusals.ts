import { KubeError } from '../client.ts';

/** Answers that the API server gives instead of a success. The in-memory cluster may say what it means: it holds nobody's secrets. */
export function badRequest(message: string): KubeError {
  return new KubeError(400, 'BadRequest', message);
}

export function notFound(plural: string, name: string): KubeError {
  return new KubeError(404, 'NotFound', `${plural} "${name}" not found`);
}

export function notServed(path: string): KubeError {
  return new KubeError(404, 'NotFound', `the server could not find the requested resource ${path}`);
}

export function alreadyExists(plural: string, name: string): KubeError {
  return new KubeError(409, 'AlreadyExists', `${plural} "${name}" already exists`);
}

export function conflict(message: string): KubeError {
  return new KubeError(409, 'Conflict', message);
}

export function invalid(field: string, message: string): KubeError {
  return new KubeError(422, 'Invalid', `${field}: ${message}`, undefined, [field]);
}

export function unsupportedMediaType(contentType: string): KubeError {
  return new KubeError(415, 'UnsupportedMediaType', `the body of the request was in an unknown format: ${contentType}`);
}

export function notImplemented(what: string): KubeError {
  return new KubeError(501, 'NotImplemented', `the in-memory cluster does not implement ${what}`);
}
