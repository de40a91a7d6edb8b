import type { DefinitionClass } from '../stores/definition-class.ts';

/** What there is to say about an object that somebody applies. */
export interface Findings {
  /** Whose work it is: nothing of another controller's is refused, and what may be is only warned about. */
  readonly class: DefinitionClass;
  /** Mistakes with which it cannot be carried out, each with its path. */
  readonly problems: readonly string[];
  /** What is odd and may be right nonetheless. */
  readonly warnings: readonly string[];
}

export const NOTHING_OF_OURS: Findings = { class: 'foreign', problems: [], warnings: [] };
