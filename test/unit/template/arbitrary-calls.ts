import { seededRandom, type SeededRandom } from './seeded-random.ts';

/** Single calls of Go's own functions: every second one is `printf` with any format and any values. */
export function arbitraryCalls(count: number, seed: number): readonly string[] {
  const random = seededRandom(seed + 2000);
  return Array.from({ length: count }, (_, index) => (index % 2 === 0 ? writePrintf(random) : writeCall(random)));
}

const VERBS = 'v s q d x X t f F e E g G T c U o O b % w z é'.split(' ');
const FLAGS = ['', '', '', '+', '-', '#', ' ', '0', '+#', '-0', '# ', '+0'];
const INDEXES = ['', '', '', '', '[1]', '[2]', '[9]', '[x]', '[', '[0]'];
const WIDTHS = ['', '', '', '5', '12', '1', '*', '70000000'];
const PRECISIONS = ['', '', '', '', '.0', '.2', '.10', '.30', '.*', '.[1]*'];
const NUMBERS =
  '1 -7 0 255 1.5 -0.0 2.5 0.5 1e21 1e20 1e-7 123456789.0 123456.789 1e6 1e300 0.1 100000.0 2097152.5 0.000123'.split(
    ' ',
  );
const INTEGERS = ["'x'", "'\\u263a'", '9223372036854775807', '-9223372036854775808', '0x10FFFF', '(index .name 0)'];
const TEXTS = [
  '"hi"',
  '"é\\n"',
  '"\\xff\\x00\\x7fa"',
  '""',
  '`a"b`',
  '"a\\u0000\\u00ad\\u200b\\ufeff"',
  '(slice .name 1)',
];
const OTHERS = ['true', 'nil', '.list', '.mixed', '.map', '.none', '.nobody', '.', '.text', '.big', '.zero', '.ratio'];
const VALUES = [...NUMBERS, ...INTEGERS, ...TEXTS, ...OTHERS];
const FUNCTIONS = 'index slice len eq ne lt le gt ge and or not print println html js urlquery call'.split(' ');
const LATER = ['print', 'html', 'js', 'len', 'eq 1', 'index .list', 'slice .list 1', 'printf "%v"', 'not'];

function writePrintf(random: SeededRandom): string {
  const directives = Array.from({ length: 1 + random.upTo(3) }, () => {
    const parts = [FLAGS, INDEXES, WIDTHS, PRECISIONS, INDEXES, VERBS].map((choices) => random.pick(choices));
    return `${random.pick(['', ' ', 'a', 'é'])}%${parts.join('')}`;
  });
  const format = JSON.stringify(directives.join('') + random.pick(['', '', '%', '%5', '%[', '%!']));
  return `{{printf ${format}${writeValues(random, 3)}}}`;
}

function writeCall(random: SeededRandom): string {
  const later = random.pick(['', '', () => ` | ${random.pick(LATER)}`]);
  return `{{${random.pick(FUNCTIONS)}${writeValues(random, 4)}${typeof later === 'string' ? later : later()}}}`;
}

function writeValues(random: SeededRandom, most: number): string {
  return Array.from({ length: random.upTo(most + 1) }, () => ` ${random.pick(VALUES)}`).join('');
}
