import type { ReferencingValue } from '../references/parse-template.ts';
import type { Reference } from '../references/reference.ts';
import type { ContainerView } from './pod-view.ts';

/** One variable whose value comes from stores, and where it goes in its container. */
export interface Variable {
  readonly container: ContainerView;
  readonly name: string;
  /** The index of an existing entry; or a new one before (`front`) or after (`end`) all others. */
  readonly at: number | 'front' | 'end';
  readonly content: ReferencingValue;
  /** Its address in messages. */
  readonly where: string;
}

/** A JSON secret whose properties all become variables, in one container. */
export interface EnvFrom {
  readonly container: ContainerView;
  /** The index of an existing entry whose Secret changes, or a new one at the end. */
  readonly at: number | 'end';
  readonly reference: Reference;
  readonly prefix: string;
  readonly where: string;
}

/** An ExternalSecret whose data all become variables, in one container. */
export interface EnvFromDefinition {
  readonly container: ContainerView;
  readonly at: 'end';
  readonly prefix: '';
  readonly externalSecret: string;
  readonly where: string;
}

/** A helper variable stands before the variable whose `$(NAME)` needs it. */
export function helperName(variable: string, number: number): string {
  return `LATCHKEY_${variable.replaceAll(/\W/g, '_')}_${number}`;
}

const TITLES = {
  containers: 'container',
  initContainers: 'init container',
  ephemeralContainers: 'ephemeral container',
} as const;

/** `init container "migrate"` */
export function containerTitle(container: ContainerView): string {
  return `${TITLES[container.list]} "${container.name}"`;
}
