import { styleText } from 'node:util';

export interface Painter {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
}

/** Colours for a terminal only; NO_COLOR and FORCE_COLOR are honoured by Node. */
export function paint(stream: NodeJS.WriteStream): Painter {
  const style = (format: 'bold' | 'dim' | 'red' | 'green') => (text: string) => styleText(format, text, { stream });
  return { bold: style('bold'), dim: style('dim'), red: style('red'), green: style('green') };
}
