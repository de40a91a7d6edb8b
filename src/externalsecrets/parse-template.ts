import type { Fields } from '../fields.ts';
import type { TemplateFrom, TemplateObject, TemplateSpec } from './definition.ts';
import { parseDecoding } from './parse-remote-ref.ts';
import type { Warn } from './parse-spec.ts';

/** Secrets of these types let their holder act as somebody; no definition may make one. */
const FORBIDDEN_TYPES = ['bootstrap.kubernetes.io/token', 'kubernetes.io/service-account-token'];
const TARGETS = ['Data', 'Annotations', 'Labels'] as const;

/** `spec.target.template`. */
export function parseTemplate(template: Fields | undefined, warn: Warn): TemplateSpec | undefined {
  if (template === undefined) return undefined;
  const type = template.raw('type') === '' ? undefined : template.optionalText('type');
  if (type !== undefined && FORBIDDEN_TYPES.includes(type)) {
    template.problem('type', `must not be ${type}: Latchkey makes no Secrets of this type`);
  }
  template.oneOf('engineVersion', ['v2'], 'v2');
  const metadata = template.object('metadata');
  return {
    type,
    labels: metadata?.textMap('labels') ?? {},
    annotations: metadata?.textMap('annotations') ?? {},
    finalizers: metadata?.texts('finalizers') ?? [],
    mergePolicy: template.oneOf('mergePolicy', ['Replace', 'Merge'], 'Replace'),
    data: template.textMap('data'),
    from: template.list('templateFrom').map((entry) => parseTemplateFrom(entry, warn)),
  };
}

function parseTemplateFrom(entry: Fields, warn: Warn): TemplateFrom {
  const literal = entry.raw('literal') === '' ? '' : entry.optionalText('literal');
  const configMap = parseObject(entry.object('configMap'));
  const secret = parseObject(entry.object('secret'));
  if (literal === undefined && configMap === undefined && secret === undefined) {
    warn({ path: entry.path, message: 'has no effect without configMap, secret or literal' });
  }
  return {
    configMap,
    secret,
    literal,
    target: parseTarget(entry),
    decodeValues: parseDecoding(entry, 'valuesDecodingStrategy'),
  };
}

function parseObject(fields: Fields | undefined): TemplateObject | undefined {
  return (
    fields && {
      name: fields.text('name'),
      items: fields.list('items').map((item) => ({
        key: item.text('key'),
        as: item.oneOf('templateAs', ['Values', 'KeysAndValues'], 'Values'),
      })),
    }
  );
}

/** In any case of letters. Other places exist only in objects that are no Secrets. */
function parseTarget(entry: Fields): TemplateFrom['target'] {
  const text = entry.raw('target') === '' ? undefined : entry.optionalText('target');
  if (text === undefined) return 'Data';
  const target = TARGETS.find((one) => one.toLowerCase() === text.toLowerCase());
  if (target === undefined) entry.problem('target', `must be one of ${TARGETS.join(', ')}`);
  return target ?? 'Data';
}
