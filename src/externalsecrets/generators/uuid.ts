import { randomUUID } from 'node:crypto';
import { SecretValue } from '../../secret-value.ts';
import type { Generator } from './generator.ts';

export const uuid: Generator = {
  kind: 'UUID',
  generate: () => new Map([['uuid', SecretValue.fromText(randomUUID())]]),
};
