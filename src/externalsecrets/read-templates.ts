import type { Call } from '../identity/store-identity.ts';
import type { Decode } from '../references/reference.ts';
import type { TemplateFrom, TemplateObject, TemplateSpec } from './definition.ts';
import { createFailures } from './failures.ts';
import type { TemplateSources } from './template-sources.ts';

/** One template, wherever it came from. */
export interface TemplateText {
  /** What its result is called; absent where the result is a YAML mapping of names and values. */
  readonly key: string | undefined;
  readonly text: string;
  /** Its address, for messages. */
  readonly where: string;
  readonly target: TemplateFrom['target'];
  /** What happens to rendered values. */
  readonly decode: Decode;
}

type Pending = Omit<TemplateText, 'text'> & { readonly read: () => Promise<string> };

/**
 * All of `templateFrom`, in the order in which later results win: in an entry the ConfigMap, then the Secret, then the
 * literal. Throws what its sources throw, the first of several counting the others.
 */
export async function readTemplates(
  { from }: TemplateSpec,
  namespace: string,
  sources: TemplateSources,
  call: Call,
): Promise<readonly TemplateText[]> {
  const pending = from.flatMap(pendingOf);
  const read = await Promise.allSettled(pending.map((template) => template.read()));
  const texts: TemplateText[] = [];
  const failures = createFailures();
  for (const [index, { read: _read, ...template }] of pending.entries()) {
    failures.collect(template.where, () => {
      const text = read[index];
      if (text?.status !== 'fulfilled') throw text?.reason;
      texts.push({ ...template, text: text.value });
    });
  }
  failures.throwFirst();
  return texts;

  function pendingOf({ configMap, secret, literal, target, decodeValues }: TemplateFrom, index: number): Pending[] {
    const path = `spec.target.template.templateFrom[${index}]`;
    const rest = { target, decode: decodeValues };
    const literals =
      literal === undefined
        ? []
        : [{ ...rest, key: undefined, where: `${path}.literal`, read: () => Promise.resolve(literal) }];
    return [
      ...itemsOf('ConfigMap', configMap).map((item) => ({
        ...rest,
        ...item,
        where: `${path}.configMap, ${item.where}`,
      })),
      ...itemsOf('Secret', secret).map((item) => ({ ...rest, ...item, where: `${path}.secret, ${item.where}` })),
      ...literals,
    ];
  }

  function itemsOf(kind: 'ConfigMap' | 'Secret', object: TemplateObject | undefined) {
    return (object?.items ?? []).map(({ key, as }) => ({
      key: as === 'Values' ? key : undefined,
      where: `key "${key}"`,
      read: async () => (await sources.read(kind, namespace, object?.name ?? '', key, call)).exposeText(),
    }));
  }
}
