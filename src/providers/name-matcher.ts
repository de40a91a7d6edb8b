import { LatchkeyError } from '../errors.ts';

/** Compiles `find.name.regexp` as Go does, which matches anywhere in a name. Throws REF_INVALID. */
export async function compileName(regexp: string): Promise<(name: string) => boolean> {
  const { RE2JS } = await import('re2js');
  try {
    const pattern = RE2JS.compile(regexp);
    return (name) => pattern.matcher(name).find();
  } catch {
    throw new LatchkeyError('REF_INVALID', 'find.name.regexp is no RE2 regular expression', {
      hint: 'Correct it; see https://github.com/google/re2/wiki/Syntax',
    });
  }
}
