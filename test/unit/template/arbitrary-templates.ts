import { seededRandom, type SeededRandom } from './seeded-random.ts';

/** A generator of Go templates that are mostly right; the same seed gives the same ones. */
export function arbitraryTemplates(count: number, seed: number): readonly string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => new Writer(random).template());
}

/** What the templates are rendered over. */
export const DATA = {
  name: 'app',
  empty: '',
  host: 'db.example.com',
  zero: 0,
  count: 3,
  big: 12345678,
  ratio: 1.5,
  yes: true,
  no: false,
  none: null,
  list: ['a', 'b', 'c'],
  mixed: [1, 'x', true, null, [2, 3], { k: 'v' }],
  nobody: [],
  map: { z: 'last', a: 'first', m: { deep: 'inner', n: 7 } },
  text: 'ünïcødé <b> & "q"\n\ttab',
};

const NAMES = Object.keys(DATA);
const STRINGS = ['"a"', '"x y"', '`raw\\n`', '"\\t\\u00e9"', '""', '"%v-%v"'];
const NUMBERS = ['0', '1', '3', '-2', '0x1f', '1.5', '2.0', '1e3', '1e21', '1e-7', "'x'", '010', '1_000'];
const VERBS = [
  'v',
  's',
  'q',
  'd',
  'x',
  'X',
  't',
  'f',
  'e',
  'g',
  'T',
  'c',
  'U',
  'o',
  'b',
  '+v',
  '#v',
  '5v',
  '-6s|',
  '05d',
  '8.3f',
  '.2s',
  '+d',
  '%',
];

class Writer {
  readonly #random: SeededRandom;
  readonly #variables: string[] = [];
  #depth = 0;
  #inRange = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  template(): string {
    return Array.from({ length: 1 + this.#random.upTo(4) }, () => this.#statement()).join('');
  }

  #statement(): string {
    if (this.#depth > 3) return this.#action(this.#pipeline());
    this.#depth += 1;
    const known = this.#variables.length;
    try {
      return this.#random.pick([
        () => this.#random.pick(['text ', ' \n', 'a\n  ', '}} ', 'ü ']),
        () => this.#action(this.#pipeline()),
        () => this.#action(this.#pipeline()),
        () => this.#declaration(),
        () => this.#branch('if'),
        () => this.#branch('with'),
        () => this.#range(),
        () => this.#action(`/* ${this.#random.pick(['note', 'more\nlines'])} */`, false),
        () => (this.#inRange > 0 ? this.#action(this.#random.pick(['break', 'continue'])) : 'x'),
        () =>
          `{{define "t${this.#random.upTo(2)}"}}<{{.}}>{{end}}{{template "t${this.#random.upTo(2)}" ${this.#operand()}}}`,
      ])();
    } finally {
      this.#depth -= 1;
      if (this.#depth > 0) this.#variables.length = known;
    }
  }

  #action(body: string, mayTrim = true): string {
    const [left, right] = mayTrim ? [this.#random.pick(['', '', '- ']), this.#random.pick(['', '', ' -'])] : ['', ''];
    return `{{${left}${body}${right}}}`;
  }

  #declaration(): string {
    const name = `$v${this.#random.upTo(3)}`;
    const isKnown = this.#variables.includes(name) && this.#random.fraction() < 0.5;
    const action = this.#action(`${name} ${isKnown ? '=' : ':='} ${this.#pipeline()}`);
    this.#variables.push(name);
    return action;
  }

  #branch(kind: 'if' | 'with'): string {
    const otherwise = this.#random.pick([
      '',
      `{{else}}${this.#statement()}`,
      `{{else ${kind} ${this.#pipeline()}}}${this.#statement()}`,
    ]);
    return `${this.#action(`${kind} ${this.#pipeline()}`)}${this.#statement()}${otherwise}${this.#action('end')}`;
  }

  #range(): string {
    const variables = this.#random.pick(['', '', '$i := ', '$i, $e := ']);
    const over = this.#random.pick(['.list', '.mixed', '.map', '.nobody', '.none', this.#operand()]);
    this.#inRange += 1;
    const known = this.#variables.length;
    if (variables !== '') this.#variables.push('$i');
    if (variables.includes('$e')) this.#variables.push('$e');
    const body = this.#statement();
    this.#variables.length = known;
    this.#inRange -= 1;
    return `{{range ${variables}${over}}}${body}${this.#random.pick(['', '{{else}}none'])}{{end}}`;
  }

  #pipeline(): string {
    const stages = [this.#command()];
    while (this.#random.fraction() < 0.25 && stages.length < 3) {
      stages.push(
        this.#random.pick([
          'len',
          'print',
          'html',
          'js',
          'urlquery',
          'not',
          'println',
          `printf "%${this.#random.pick(VERBS)}"`,
          `eq ${this.#operand()}`,
          `and ${this.#operand()}`,
        ]),
      );
    }
    return stages.join(' | ');
  }

  #command(): string {
    const two = () => `${this.#operand()} ${this.#operand()}`;
    return this.#random.pick([
      () => this.#operand(),
      () => this.#operand(),
      () => `${this.#random.pick(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'and', 'or'])} ${two()}`,
      () => `eq ${two()} ${this.#operand()}`,
      () => `${this.#random.pick(['len', 'not', 'html', 'js', 'urlquery'])} ${this.#operand()}`,
      () => `index ${this.#random.pick(['.list', '.map', '.mixed', '.name', this.#operand()])} ${this.#operand()}`,
      () => `printf "${this.#format()}" ${two()}`,
      () => `${this.#random.pick(['print', 'println'])} ${two()} ${this.#operand()}`,
    ])();
  }

  #format(): string {
    return Array.from({ length: 1 + this.#random.upTo(3) }, () => `%${this.#random.pick(VERBS)} `).join('');
  }

  #operand(): string {
    const variable = () => (this.#variables.length === 0 ? '$' : this.#random.pick(this.#variables));
    return this.#random.pick([
      () => `.${this.#random.pick(NAMES)}`,
      () => `.${this.#random.pick(NAMES)}`,
      () => this.#random.pick(STRINGS),
      () => this.#random.pick(NUMBERS),
      () =>
        this.#random.pick(['true', 'false', 'nil', '.', '$', '.map.m.deep', '.map.m', '.absent', '$.name', '.name.x']),
      variable,
      () => (this.#depth > 4 ? '1' : this.#nested()),
    ])();
  }

  #nested(): string {
    this.#depth += 1;
    const inner = `(${this.#pipeline()})${this.#random.pick(['', '', '.m', '.deep'])}`;
    this.#depth -= 1;
    return inner;
  }
}
