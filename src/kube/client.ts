/** Raw JSON access to one API server: pooled connections, abortable, no typed models (they drop unknown fields). */
export interface KubeClient {
  /** Resolves to the parsed answer. Throws KubeError for an answer with a status of 400 or more, or none at all. */
  request(request: KubeRequest): Promise<unknown>;
  /** Streams watch events until the server ends the watch or the signal aborts. Throws KubeError as `request` does. */
  watch(request: KubeWatch): AsyncIterable<WatchEvent>;
}

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/v1/namespaces/payments/pods/api-0`; segments already encoded (see paths.ts). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Defaults to application/json; METADATA_ONLY asks for PartialObjectMetadata. */
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

export interface KubeWatch {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly accept?: string;
  readonly signal: AbortSignal;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: unknown;
}

/** For objects of which only metadata is wanted: no spec, no data, no values travel. */
export const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
export const METADATA_ONLY_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/** An answer of the API server that is no success. `status` is 0 where none arrived. Its message may quote names, never bodies. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  /** `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, … as in a Status object. */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
  /** Fields that the API server names as wrong, or as another manager's: `data`, `type`. */
  readonly fields: readonly string[];

  constructor(status: number, reason: string, message: string, retryAfterMs?: number, fields: readonly string[] = []) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
    this.fields = fields;
  }
}
