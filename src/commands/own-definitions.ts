import type { Config } from '../config.ts';
import type { RenderOptions } from './program.ts';

/** As the chart configures it where it brings the definitions: stores without a class are ours. A configuration file decides itself. */
export function withOwnDefinitions(config: Config, { config: path }: Pick<RenderOptions, 'config'>): Config {
  return path === undefined ? { ...config, stores: { ...config.stores, claimUnclassed: true } } : config;
}
