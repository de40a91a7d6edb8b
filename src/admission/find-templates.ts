import { isMapping } from '../fields.ts';

/** A template in an ExternalSecret's spec. */
export interface TemplateText {
  /** `spec.target.template.data.config.yaml` */
  readonly path: string;
  readonly text: string;
}

/** Every template that stands in the spec itself; those in ConfigMaps and Secrets are not read here. */
export function findTemplates(spec: unknown, path: string): readonly TemplateText[] {
  const { target, dataFrom } = isMapping(spec) ? spec : {};
  const template = isMapping(target) ? target['template'] : undefined;
  const at = `${path}.target.template`;
  const { data, metadata, templateFrom } = isMapping(template) ? template : {};
  const { labels, annotations } = isMapping(metadata) ? metadata : {};
  return [
    ...textsIn(data, `${at}.data`),
    ...textsIn(labels, `${at}.metadata.labels`),
    ...textsIn(annotations, `${at}.metadata.annotations`),
    ...entriesOf(templateFrom).flatMap(([index, { literal }]) =>
      textAt(literal, `${at}.templateFrom[${index}].literal`),
    ),
    ...entriesOf(dataFrom).flatMap(([index, { rewrite }]) =>
      transformsIn(rewrite, `${path}.dataFrom[${index}].rewrite`),
    ),
  ];
}

function transformsIn(rewrite: unknown, path: string): readonly TemplateText[] {
  return entriesOf(rewrite).flatMap(([index, { transform }]) =>
    isMapping(transform) ? textAt(transform['template'], `${path}[${index}].transform.template`) : [],
  );
}

function textsIn(map: unknown, path: string): readonly TemplateText[] {
  return Object.entries(isMapping(map) ? map : {}).flatMap(([key, text]) => textAt(text, `${path}.${key}`));
}

function textAt(text: unknown, path: string): readonly TemplateText[] {
  return typeof text === 'string' ? [{ path, text }] : [];
}

function entriesOf(list: unknown): readonly (readonly [number, Readonly<Record<string, unknown>>])[] {
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  return items.flatMap((item, index) => (isMapping(item) ? [[index, item] as const] : []));
}
