import { LRUCache } from 'lru-cache';
import { createHttp, type HttpSend } from './http.ts';
import { createSecretManager, type SecretManager } from './secret-manager.ts';

/** The network and the SDK: what is loaded when the first store of this kind is used. */
export interface Google {
  readonly send: HttpSend;
  secretManager(address: string, maxResponseBytes: number): SecretManager;
}

const MAX_ADDRESSES = 64; // one for each location in use; an SDK client is some 350 KB

export function createGoogle(): Google {
  const send = createHttp();
  const clients = new LRUCache<string, SecretManager>({ max: MAX_ADDRESSES });
  return {
    send,
    secretManager(address, maxResponseBytes) {
      const key = `${address} ${maxResponseBytes}`;
      const client = clients.get(key) ?? createSecretManager({ address, maxResponseBytes, send });
      clients.set(key, client);
      return client;
    },
  };
}
