import { checkKeys } from './check-keys.ts';
import type { Content } from './content.ts';
import { convertKeys } from './convert-keys.ts';
import { decodeContent } from './decode-content.ts';
import type { DataFromEntry } from './definition.ts';
import { rewriteKeys } from './rewrite.ts';
import type { TemplateEngine } from './template-engine.ts';

/**
 * From what an entry of `dataFrom` read to what it adds: rewritten, or else converted; then checked; then decoded. What a
 * generator makes is taken as it is, rewrites aside.
 */
export function shapeEntry(entry: DataFromEntry, read: Content, engine: TemplateEngine): Content {
  const rewritten = rewriteKeys(read, entry.rewrite, engine);
  if (entry.kind === 'generator') return checkKeys(rewritten);

  const handling = entry.kind === 'extract' ? entry.remoteRef : entry.find;
  const converted = entry.rewrite.length > 0 ? rewritten : convertKeys(rewritten, handling.conversion);
  return decodeContent(checkKeys(converted), handling);
}
