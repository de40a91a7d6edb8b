import type { ServiceAccountFacts } from './provider.ts';

/** A right to be given on the provider's side, in the words that the provider takes. Holds no secret. */
export interface Grant {
  /** `login`: to come in at all. `read`: to read what is referred to, and nothing else. */
  readonly purpose: 'login' | 'read';
  /** What the text is, and what it does: `policy "payments" that reads what is referred to`. */
  readonly title: string;
  /** Who gets it, or carries it: a role's ARN, the member of an IAM policy. Equal texts are one principal. */
  readonly principal: string;
  readonly language: 'hcl' | 'json' | 'sh' | 'yaml';
  readonly text: string;
  /** What to fill in or to look at first. */
  readonly note?: string;
  /** Everything works without it. */
  readonly optional?: boolean;
}

/** Stands for the cluster's issuer where that is not known. */
export const UNKNOWN_ISSUER = 'https://ISSUER';

/** For whom rights are described. */
export interface GrantReader {
  /** Absent where the store is read with credentials of its own. */
  readonly serviceAccount?: ServiceAccountFacts;
  /** The cluster's OIDC issuer, as its tokens have it. */
  readonly issuer: string;
}
