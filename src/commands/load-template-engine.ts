import type { TemplateChecker, TemplateEngine } from '../externalsecrets/template-engine.ts';

/** The interpreter of templates, loaded with the first that is rendered or checked. */
export async function loadTemplateEngine(): Promise<TemplateEngine & TemplateChecker> {
  const { createGoTemplates } = await import('../template/engine.ts');
  const engine = createGoTemplates({ functions: {} });
  return {
    render: (name, text, root) => engine.render(name, text, root),
    // Until all of sprig's functions are there, a template that uses one must not look mistaken.
    check() {},
  };
}
