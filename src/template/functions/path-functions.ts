import type { FunctionTable, TemplateFunction } from '../template-function.ts';
import { spendBytes, textAt } from './arguments.ts';

const base = ofPath(baseOf);
const clean = ofPath(cleanPath);
const dir = ofPath((path) => cleanPath(path.slice(0, path.lastIndexOf('/') + 1)));
const ext = ofPath((path) => /\.[^./]*$/.exec(path)?.[0] ?? '');
const isAbs = ofPath((path) => path.startsWith('/'));

/** Sprig's functions of paths; those of the operating system are the same on Linux, where External Secrets runs. */
export const PATH_FUNCTIONS: FunctionTable = {
  base,
  osBase: base,
  clean,
  osClean: clean,
  dir,
  osDir: dir,
  ext,
  osExt: ext,
  isAbs,
  osIsAbs: isAbs,
};

function ofPath(read: (path: string) => string | boolean): TemplateFunction {
  return {
    params: ['string'],
    call(args, evaluation) {
      spendBytes(evaluation, textAt(args, 0).length * 8); // cut up below
      return read(textAt(args, 0));
    },
  };
}

function baseOf(path: string): string {
  if (path === '') return '.';
  const last = path.split('/').findLast((name) => name !== '');
  return last ?? '/';
}

/** The shortest path to the same place, by its text alone. */
function cleanPath(path: string): string {
  const root = path.startsWith('/') ? '/' : '';
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.length > 0 && names.at(-1) !== '..') names.pop();
    else if (root === '') names.push(name); // nothing is above the root
  }
  return root + names.join('/') || '.';
}
