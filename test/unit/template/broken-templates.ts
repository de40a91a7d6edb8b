import { arbitraryTemplates } from './arbitrary-templates.ts';
import { seededRandom, type SeededRandom } from './seeded-random.ts';

/** Templates that lexer and parser mostly refuse: half of them words in any order, half right ones with something amiss. */
export function brokenTemplates(count: number, seed: number): readonly string[] {
  const random = seededRandom(seed + 1000);
  const right = arbitraryTemplates(count, seed + 1000);
  return Array.from({ length: count }, (_, index) => {
    const broken = index % 2 === 0 ? writeWords(random) : breakOne(random, random.pick(right));
    return broken.toWellFormed();
  });
}

const KEYWORDS =
  'if else end range with define block template break continue nil true false . $ | ( ) , : := = + *'.split(' ');
const NAMES =
  '.name .map.m .none .none.x .list $x $.map .é $é .. .name. .name.x.y len.x 1.x "a".x nil.x (.map).m'.split(' ');
const NUMBERS =
  '1 -1 +3 1.5 1e3 0x1F 0b11 0o17 017 08 1_0 1__0 _1 1+2 0x1p4 0x1.8p1 .5 5. 1e 1e400 99999999999999999999 9223372036854775808 1e19 -0x1e 0x'.split(
    ' ',
  );
const QUOTED = ['"t"', '`r\n`', "'a'", "'\\n'", "''", "'ab'", '"\\x41\\u00e9\\101"', '"\\q"', '"un', '`un', "'un"];
const CALLS = ['len', 'print', 'printf "%v %d"', 'index', 'eq', 'and', 'html', 'nope', 'call', '$x :=', '$i, $e :='];
const MARKS = ['/*', '/* c */', '#', '@', 'é', '\u0001', '😀', '\n', '\t', '-', '{{', '}}'];
const WORDS = [...KEYWORDS, ...NAMES, ...NUMBERS, ...QUOTED, ...CALLS, ...MARKS];

function writeWords(random: SeededRandom): string {
  const actions = Array.from({ length: 1 + random.upTo(4) }, () => {
    const words = Array.from(
      { length: random.upTo(6) },
      () => random.pick(WORDS) + random.pick([' ', ' ', ' ', '', '\n']),
    );
    const before = random.pick(['', 'x', ' \n ', 'é\n', '}}']);
    const left = random.pick(['', '', '-', '- ', '-\n']);
    return `${before}{{${left}${words.join('')}${random.pick(['}}', '}}', '}}', ' -}}', '-}}', '\n-}}', ''])}`;
  });
  return actions.join('') + random.pick(['', '{{end}}', '{{end}}{{end}}', 'tail']);
}

function breakOne(random: SeededRandom, template: string): string {
  const at = random.upTo(template.length + 1);
  const [before, after] = [template.slice(0, at), template.slice(at)];
  return random.pick([
    () => before + after.slice(1),
    () => before + random.pick(WORDS) + after,
    () =>
      before + random.pick(['{', '}', '(', ')', '"', '`', "'", ' ', '\n', '|', '.', '$', '-', ',', '=', '%']) + after,
    () => before + after.slice(random.upTo(after.length)),
  ])();
}
