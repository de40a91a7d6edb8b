import { LatchkeyError } from '../errors.ts';
import { applyTemplate } from './apply-template.ts';
import { assemble } from './assemble.ts';
import { checkSecretKeys } from './check-keys.ts';
import type { Definition } from './definition.ts';
import { fetchEntries, type FetchOptions } from './fetch-entries.ts';
import type { Produce, Produced } from './produced.ts';
import type { TemplateEngine } from './template-engine.ts';
import type { TemplateSources } from './template-sources.ts';

export interface ProduceOptions extends FetchOptions {
  /** Awaited where something is rendered: an engine's libraries may have to be loaded. */
  readonly loadEngine: () => Promise<TemplateEngine>;
  readonly sources: TemplateSources;
}

/**
 * Reads what a definition names and puts it together: `dataFrom` in order, then `data` over it, then templates. What
 * `deletionPolicy` does not tolerate is an error; a definition with problems is one before anything is read.
 */
export function createProduce(options: ProduceOptions): Produce {
  return async (definition, asker, call) => {
    if (definition.problems.length > 0) throw invalid(definition);

    const engine = rendersTemplates(definition) ? await options.loadEngine() : UNUSED_ENGINE;
    const fetched = await fetchEntries(definition, asker, call, options);
    const { content, missing } = assemble(definition, fetched, engine);
    const isEmpty = content.size === 0;
    // The Secret stays as it is, or goes: nothing is rendered for it.
    if (isEmpty && definition.spec.target.deletionPolicy !== 'Merge') return { ...NOTHING, missing };

    const applied = await applyTemplate(definition, content, { engine, sources: options.sources, call });
    checkSecretKeys(applied.data);
    return { ...applied, isEmpty, missing };
  };
}

const NOTHING: Omit<Produced, 'missing'> = {
  data: new Map(),
  type: undefined,
  labels: {},
  annotations: {},
  finalizers: [],
  isEmpty: true,
};

function rendersTemplates({ spec }: Definition): boolean {
  const rewrites = spec.dataFrom.flatMap(({ rewrite }) => rewrite);
  return spec.target.template !== undefined || rewrites.some(({ kind }) => kind === 'transform');
}

const UNUSED_ENGINE: TemplateEngine = {
  render() {
    throw new LatchkeyError('INTERNAL', 'a definition without templates renders one');
  },
};

const MAX_SHOWN = 5;

function invalid({ name, problems }: Definition): LatchkeyError {
  const shown = problems.slice(0, MAX_SHOWN).join('; ');
  const more = problems.length > MAX_SHOWN ? `; and ${problems.length - MAX_SHOWN} more` : '';
  return new LatchkeyError('EXTERNAL_SECRET_INVALID', `ExternalSecret "${name}" has mistakes: ${shown}${more}`, {
    hint: 'Correct the ExternalSecret',
  });
}
