import type { Plugin } from 'esbuild';
import { bundle } from '../../.config/bundle.ts';

const REGISTRY = /\/src\/providers\/registry\.ts$/;
const CONTENTS = `
  export const providerKinds = [{ name: 'fake', load: async () => (await import('./fake/index.ts')).fake }];
`;

const onlyFake: Plugin = {
  name: 'only-fake',
  setup(build) {
    build.onLoad({ filter: REGISTRY }, () => ({ contents: CONTENTS, resolveDir: 'src/providers' }));
  },
};

/** The bundle as if no other provider had been written, to compare the full one with. */
export async function bundleOnlyFake(directory: string): Promise<void> {
  const { inputs } = await bundle(directory, { plugins: [onlyFake] });
  // The webhook provider stays in: the generator of that name uses it, and loads it with its first use too.
  const others = Object.keys(inputs).filter((path) => /^src\/providers\/(?!fake\/|webhook\/)[^/]+\//.test(path));
  if (others.length > 0) throw new Error(`the bundle with fake alone holds ${others.join(', ')}`);
}
