import type { Fields } from '../fields.ts';
import type { DataFromEntry, FindReference, GeneratorReference, Rewrite, StoreReference } from './definition.ts';
import { parseGoRegexp } from './parse-go-regexp.ts';
import { parseHandling, parseRemoteRef, textOrNone } from './parse-remote-ref.ts';
import { parseRewrite } from './parse-rewrite.ts';
import type { Warn } from './parse-spec.ts';
import { parseStoreReference, requireStore } from './parse-store-reference.ts';

/** One entry of `spec.dataFrom`; none where it has mistakes that leave nothing to read. */
export function parseDataFrom(entry: Fields, shared: StoreReference | undefined, warn: Warn): readonly DataFromEntry[] {
  const source = entry.object('sourceRef');
  const [extract, find] = [entry.object('extract'), entry.object('find')];
  const generator = source?.object('generatorRef');
  const rewrite = entry.list('rewrite').map(parseRewrite);
  checkSources(entry, { extract, find, generator, source });
  for (const fields of [extract, find]) warnOfConversion(fields, rewrite, warn);

  if (generator !== undefined) return [{ kind: 'generator', generator: parseGenerator(generator), rewrite }];
  if (extract === undefined && find === undefined) return [];
  const store = requireStore(entry, parseStoreReference(source, 'storeRef'), shared);
  if (extract !== undefined) return [{ kind: 'extract', remoteRef: parseRemoteRef(extract), store, rewrite }];
  return find === undefined ? [] : [{ kind: 'find', find: parseFind(find), store, rewrite }];
}

/** In External Secrets' words, the last one excepted: there, such an entry silently brings nothing. */
function checkSources(
  entry: Fields,
  {
    extract,
    find,
    generator,
    source,
  }: Readonly<Record<'extract' | 'find' | 'generator' | 'source', Fields | undefined>>,
): void {
  const named = [extract, find, generator].filter((fields) => fields !== undefined).length;
  if (named > 1) entry.problem('', 'extract, find, or generatorRef cannot be set at the same time');
  if (named > 0) return;
  if (source === undefined) entry.problem('', 'either extract, find, or sourceRef must be set to dataFrom');
  else if (!source.has('storeRef')) {
    entry.problem('', 'generatorRef or storeRef must be set when using sourceRef in dataFrom');
  } else entry.problem('', 'sourceRef.storeRef brings nothing without extract or find');
}

function warnOfConversion(fields: Fields | undefined, rewrite: readonly Rewrite[], warn: Warn): void {
  if (rewrite.length === 0 || fields?.has('conversionStrategy') !== true) return;
  warn({ path: `${fields.path}.conversionStrategy`, message: 'has no effect beside rewrite' });
}

function parseGenerator(fields: Fields): GeneratorReference {
  return {
    apiVersion: fields.optionalText('apiVersion') ?? 'generators.external-secrets.io/v1alpha1',
    kind: fields.text('kind', { example: 'Password' }),
    name: fields.text('name'),
  };
}

function parseFind(find: Fields): FindReference {
  const name = find.object('name');
  const regexp = name === undefined ? undefined : textOrNone(name, 'regexp');
  if (name !== undefined && regexp !== undefined) parseGoRegexp(name, 'regexp', regexp);
  return { path: textOrNone(find, 'path'), regexp, tags: find.textMap('tags'), ...parseHandling(find) };
}
