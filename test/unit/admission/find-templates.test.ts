import { describe, expect, it } from 'vitest';
import { findTemplates } from '../../../src/admission/find-templates.ts';

describe('findTemplates', () => {
  it('finds every template with its address', () => {
    const spec = {
      target: {
        template: {
          data: { 'app.yaml': 'a' },
          metadata: { labels: { team: 'b' }, annotations: { note: 'c' }, finalizers: ['none'] },
          templateFrom: [{ configMap: { name: 'x' } }, { literal: 'd' }],
        },
      },
      dataFrom: [{}, { rewrite: [{ regexp: { source: 'x', target: 'y' } }, { transform: { template: 'e' } }] }],
    };

    expect(findTemplates(spec, 'spec')).toEqual([
      { path: 'spec.target.template.data.app.yaml', text: 'a' },
      { path: 'spec.target.template.metadata.labels.team', text: 'b' },
      { path: 'spec.target.template.metadata.annotations.note', text: 'c' },
      { path: 'spec.target.template.templateFrom[1].literal', text: 'd' },
      { path: 'spec.dataFrom[1].rewrite[1].transform.template', text: 'e' },
    ]);
  });

  it.each([
    undefined,
    null,
    'spec',
    { target: 7, dataFrom: {} },
    { target: { template: { data: ['a'], metadata: 'b', templateFrom: [null, { literal: 7 }] } } },
    { dataFrom: [{ rewrite: [{ transform: 'x' }, null] }, 7] },
  ])('finds none in what cannot be read: %j', (spec) => {
    expect(findTemplates(spec, 'spec')).toEqual([]);
  });
});
