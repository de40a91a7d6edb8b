import { readFileSync } from 'node:fs';

/** How the image starts Node, read from the Dockerfile: what is measured runs as it is shipped. */
export interface Image {
  /** Node's own, before the path of the bundle. */
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export function readImage(): Image {
  const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  const [, entrypoint = '[]'] = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile) ?? [];
  const words = JSON.parse(entrypoint) as readonly string[];
  const variables = [...dockerfile.matchAll(/^ENV (\w+)=(.*)$/gm)];
  return {
    flags: words.slice(1).filter((word) => word.startsWith('--')),
    environment: Object.fromEntries(variables.map(([, name = '', value = '']) => [name, value])),
  };
}
