import { LatchkeyError } from '../errors.ts';
import { compileGoRegexp } from '../go-regexp.ts';
import { SecretValue } from '../secret-value.ts';
import type { Content } from './content.ts';
import type { Rewrite } from './definition.ts';
import { mergeMaps } from './merge-maps.ts';
import { renderTemplate, type TemplateEngine } from './template-engine.ts';

/** Carries out the operations in order. Throws VALUE_INVALID or TEMPLATE_FAILED, at `rewrite[N]`. */
export function rewriteKeys(content: Content, operations: readonly Rewrite[], engine: TemplateEngine): Content {
  return operations.reduce((current, operation, index) => {
    try {
      return rewrite(current, operation, engine);
    } catch (thrown) {
      throw LatchkeyError.from(thrown).at(`rewrite[${index}]`);
    }
  }, content);
}

function rewrite(content: Content, operation: Rewrite, engine: TemplateEngine): Content {
  switch (operation.kind) {
    case 'regexp': {
      const pattern = compileGoRegexp(operation.source);
      return rename(content, (key) => pattern.replaceAll(key, operation.target));
    }
    case 'transform':
      return rename(content, (key) => transform(key, operation.template, engine));
    case 'merge':
      return mergeMaps(content, operation);
  }
}

function transform(key: string, template: string, engine: TemplateEngine): string {
  const root = new Map([['value', SecretValue.fromText(key)]]);
  return renderTemplate(engine, 'transform', template, root).exposeText();
}

/** Two keys that become one are a mistake; External Secrets lets one of them win at random. Many may become empty: so they are dropped. */
function rename(content: Content, nameOf: (key: string) => string): Content {
  const renamed = new Map<string, SecretValue>();
  const origins = new Map<string, string>();
  for (const [key, value] of content) {
    const name = nameOf(key);
    const other = origins.get(name);
    if (other !== undefined && name !== '') throw collision(other, key, name);
    origins.set(name, key);
    renamed.set(name, value);
  }
  return renamed;
}

function collision(one: string, other: string, name: string): LatchkeyError {
  return new LatchkeyError('VALUE_INVALID', `the keys "${one}" and "${other}" both become "${name}"`, {
    hint: 'Rewrite them apart, or to nothing where one of them is not wanted',
  });
}
