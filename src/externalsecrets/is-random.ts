import type { Definition, Rewrite } from './definition.ts';

/** Functions whose result is another each time: keys and certificates, salts, the time. */
const RANDOM =
  /\b(?:rand[A-Z]\w*|shuffle|uuidv4|gen(?:PrivateKey|CA|SelfSigned|Signed)\w*|htpasswd|bcrypt|encryptAES|now|ago|(?:fullP|p)em(?:Truststore)?ToP(?:kcs|KCS)12\w*)\b/;

/** Whether a definition gives other values each time that it is evaluated, so that what is there had better stay. */
export function isRandom({ spec }: Pick<Definition, 'spec'>): boolean {
  if (spec.dataFrom.some(({ kind }) => kind === 'generator')) return true;
  const { data = {}, from = [] } = spec.target.template ?? {};
  const texts = [
    ...Object.values(data),
    ...from.map(({ literal }) => literal ?? ''),
    ...spec.dataFrom.flatMap(({ rewrite }) => rewrite.map(templateOf)),
  ];
  return texts.some((text) => text.includes('{{') && RANDOM.test(text));
}

function templateOf(rewrite: Rewrite): string {
  return rewrite.kind === 'transform' ? rewrite.template : '';
}
