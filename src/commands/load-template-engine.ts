import type { TemplateChecker, TemplateEngine } from '../externalsecrets/template-engine.ts';

/** The interpreter of templates with all its functions, loaded with the first that is rendered or checked. */
export async function loadTemplateEngine(): Promise<TemplateEngine & TemplateChecker> {
  const [{ createGoTemplates }, { ALL_FUNCTIONS }, { loadCryptoLibraries }] = await Promise.all([
    import('../template/engine.ts'),
    import('../template/functions/all-functions.ts'),
    import('../template/functions/crypto-libraries.ts'),
  ]);
  await loadCryptoLibraries();
  const engine = createGoTemplates({ functions: ALL_FUNCTIONS });
  return {
    render: (name, text, root) => engine.render(name, text, root),
    check: (text) => engine.check('template', text),
  };
}
