import { TemplateError } from '../template-error.ts';
import type { FunctionTable } from '../template-function.ts';
import { GoMap } from '../value.ts';
import { spendBytes, textAt, valueAt } from './arguments.ts';
import { hostnameOf, parseGoUrl, printGoUrl } from './go-url.ts';

export const URL_FUNCTIONS: FunctionTable = {
  urlParse: {
    params: ['string'],
    call(args, evaluation) {
      spendBytes(evaluation, 16 * textAt(args, 0).length);
      const url = parseGoUrl(textAt(args, 0));
      if (url === undefined) throw new TemplateError('unable to parse url');
      const { scheme, host, path, query, opaque, fragment, userinfo = '' } = url;
      return new GoMap(
        Object.entries({ scheme, host, hostname: hostnameOf(url), path, query, opaque, fragment, userinfo }),
      );
    },
  },
  urlJoin: {
    params: ['dict'],
    call(args, evaluation) {
      const dict = valueAt(args, 0);
      const entries: ReadonlyMap<string, unknown> = dict instanceof GoMap ? dict.entries : new Map();
      const userinfo = textOf(entries, 'userinfo');
      const parts = {
        scheme: textOf(entries, 'scheme'),
        host: textOf(entries, 'host'),
        path: textOf(entries, 'path'),
        query: textOf(entries, 'query'),
        opaque: textOf(entries, 'opaque'),
        fragment: textOf(entries, 'fragment'),
      };
      spendBytes(evaluation, 16 * Object.values(parts).join(userinfo).length);
      return printGoUrl({ ...parts, userinfo: userinfo === '' ? undefined : readUserinfo(userinfo) });
    },
  },
};

function textOf(entries: ReadonlyMap<string, unknown>, key: string): string {
  if (!entries.has(key)) return '';
  const value = entries.get(key);
  if (typeof value === 'string') return value;
  throw new TemplateError('unable to parse dictionary value: expected string');
}

function readUserinfo(userinfo: string): string | undefined {
  const url = parseGoUrl(`proto://${userinfo}@host`);
  if (url === undefined) throw new TemplateError('unable to parse url userinfo');
  return url.userinfo;
}
