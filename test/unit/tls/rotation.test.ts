import { describe, expect, it } from 'vitest';
import {
  acceptedValues,
  type Evidence,
  introduce,
  nextStep,
  retire,
  type Rotation,
  type Step,
  switchOver,
} from '../../../src/tls/rotation.ts';

const SPREAD_MS = 60_000;

function at(seconds: number): Date {
  return new Date(Date.UTC(2026, 10, 22) + seconds * 1000);
}

const ONE = { value: 'one', since: at(0) };
const TWO = { value: 'two', since: at(100) };

const ALONE: Rotation<string> = { current: ONE };
const INTRODUCED: Rotation<string> = { current: ONE, next: TWO };
const SWITCHED: Rotation<string> = { current: TWO, previous: { value: 'one', since: at(100) } };

const IDLE = { isDue: false, acceptedSince: undefined, isSpent: false };

interface Row {
  readonly title: string;
  readonly rotation: Rotation<string>;
  readonly evidence: Partial<Evidence> & { readonly now: Date };
  readonly step: Step;
}

const ROWS: readonly Row[] = [
  { title: 'keeps what is not due', rotation: ALONE, evidence: { now: at(100) }, step: 'keep' },
  { title: 'introduces when due', rotation: ALONE, evidence: { now: at(100), isDue: true }, step: 'introduce' },
  {
    title: 'does not switch to what nobody is known to accept',
    rotation: INTRODUCED,
    evidence: { now: at(9000), isDue: true },
    step: 'keep',
  },
  {
    title: 'waits until it has spread',
    rotation: INTRODUCED,
    evidence: { now: at(179), acceptedSince: at(120) },
    step: 'keep',
  },
  {
    title: 'switches once it has spread',
    rotation: INTRODUCED,
    evidence: { now: at(180), acceptedSince: at(120) },
    step: 'switch',
  },
  {
    title: 'counts from the introduction where acceptance is said to be older',
    rotation: INTRODUCED,
    evidence: { now: at(159), acceptedSince: at(50) },
    step: 'keep',
  },
  {
    title: 'keeps the previous one while it may be in use',
    rotation: SWITCHED,
    evidence: { now: at(9000) },
    step: 'keep',
  },
  {
    title: 'introduces none beside a previous one',
    rotation: SWITCHED,
    evidence: { now: at(9000), isDue: true },
    step: 'keep',
  },
  { title: 'retires what is spent', rotation: SWITCHED, evidence: { now: at(200), isSpent: true }, step: 'retire' },
];

describe('nextStep', () => {
  it.each(ROWS)('$title', ({ rotation, evidence, step }) => {
    expect(nextStep(rotation, { ...IDLE, ...evidence }, SPREAD_MS)).toBe(step);
  });
});

describe('a rotation', () => {
  it('accepts what it uses, in every state, newest first', () => {
    const introduced = introduce(ALONE, 'two', at(100));
    const switched = switchOver(introduced, at(200));
    const retired = retire(switched);

    expect([ALONE, introduced, switched, retired].map(acceptedValues)).toEqual([
      ['one'],
      ['two', 'one'],
      ['two', 'one'],
      ['two'],
    ]);
    expect(introduced.current.value).toBe('one');
    expect(switched).toEqual({
      current: { value: 'two', since: at(200) },
      previous: { value: 'one', since: at(200) },
    });
  });

  it('stays as it is when there is nothing to switch to', () => {
    expect(switchOver(ALONE, at(200))).toBe(ALONE);
  });
});
