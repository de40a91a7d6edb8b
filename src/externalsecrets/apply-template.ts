import type { Call } from '../identity/store-identity.ts';
import { decodeValue } from '../resolve/decode.ts';
import type { SecretValue } from '../secret-value.ts';
import type { Content } from './content.ts';
import type { Definition, TemplateFrom, TemplateSpec } from './definition.ts';
import { createFailures } from './failures.ts';
import type { Produced } from './produced.ts';
import { readTemplates, type TemplateText } from './read-templates.ts';
import { renderTemplate, type TemplateEngine } from './template-engine.ts';
import type { TemplateSources } from './template-sources.ts';
import { parseYamlTexts } from './yaml-texts.ts';

export interface ApplyOptions {
  readonly engine: TemplateEngine;
  readonly sources: TemplateSources;
  readonly call: Call;
}

export type Applied = Pick<Produced, 'data' | 'type' | 'labels' | 'annotations' | 'finalizers'>;

/** `kubectl apply` keeps the definition's text there; on the Secret it would be another object's. */
const NOT_COPIED: ReadonlySet<string> = new Set(['kubectl.kubernetes.io/last-applied-configuration']);

/**
 * Makes the Secret's content of what was fetched. Without a template that is the data itself and the definition's own
 * labels and annotations; with one, what it says and nothing of the definition's metadata. Throws TEMPLATE_FAILED.
 */
export async function applyTemplate(definition: Definition, fetched: Content, options: ApplyOptions): Promise<Applied> {
  const { template } = definition.spec.target;
  if (template === undefined) return copyOf(definition, fetched);

  const texts = await readTemplates(template, definition.namespace, options.sources, options.call);
  return fill(template, texts, fetched, options.engine);
}

function copyOf(definition: Definition, data: Content): Applied {
  return { data, type: undefined, ...copiedMetadata(definition), finalizers: [] };
}

/** The definition's own labels and annotations, as a Secret without a template gets them. */
export function copiedMetadata({
  labels,
  annotations,
}: Pick<Definition, 'labels' | 'annotations'>): Pick<Applied, 'labels' | 'annotations'> {
  const copied = Object.entries(annotations).filter(([name]) => !NOT_COPIED.has(name));
  return { labels, annotations: Object.fromEntries(copied) };
}

type Places = Readonly<Record<TemplateFrom['target'], Map<string, SecretValue>>>;

/** `templateFrom` in order, then `data` and `metadata` over it. */
function fill(
  template: TemplateSpec,
  texts: readonly TemplateText[],
  fetched: Content,
  engine: TemplateEngine,
): Applied {
  const isPlain = Object.keys(template.data).length === 0 && template.from.length === 0;
  const keepsFetched = template.mergePolicy === 'Merge' || isPlain;
  const places: Places = { Data: new Map(keepsFetched ? fetched : []), Annotations: new Map(), Labels: new Map() };
  const failures = createFailures();
  for (const text of [...texts, ...ownTexts(template)]) {
    failures.collect(text.where, () => render(text, places[text.target]));
  }
  failures.throwFirst();
  return {
    data: places.Data,
    type: template.type,
    labels: textsOf(places.Labels),
    annotations: textsOf(places.Annotations),
    finalizers: template.finalizers,
  };

  function render({ key, where, text, decode }: TemplateText, place: Map<string, SecretValue>): void {
    const rendered = renderTemplate(engine, key ?? where, text, fetched);
    const entries = key === undefined ? parseYamlTexts(rendered) : new Map([[key, rendered]]);
    for (const [name, value] of entries) place.set(name, decodeValue(value, decode, { key: name }));
  }
}

function ownTexts({ data, labels, annotations }: TemplateSpec): readonly TemplateText[] {
  const path = 'spec.target.template';
  return [
    ...listed(data, `${path}.data`, 'Data'),
    ...listed(labels, `${path}.metadata.labels`, 'Labels'),
    ...listed(annotations, `${path}.metadata.annotations`, 'Annotations'),
  ];
}

function listed(
  texts: Readonly<Record<string, string>>,
  path: string,
  target: TemplateFrom['target'],
): readonly TemplateText[] {
  return Object.entries(texts).map(([key, text]) => ({ key, text, where: `${path}.${key}`, target, decode: 'none' }));
}

/** Labels and annotations are public: a template that puts a value there has its author's word for it. */
function textsOf(place: Content): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from(place, ([name, value]) => [name, value.exposeText()]));
}
