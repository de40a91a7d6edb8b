import { describe, expect, it } from 'vitest';
import { Budget } from '../../../src/template/budget.ts';

const LIMITS = { maxSteps: 10_000, maxOutputBytes: 1000, maxMs: 50 };

function stoppedClock(): { now: number } {
  return { now: 0 };
}

describe('the budget of a rendering', () => {
  it('ends with its time, whatever the steps cost', () => {
    const clock = stoppedClock();
    const budget = new Budget(LIMITS, () => clock.now);
    budget.spend(1000);

    clock.now = 51;

    expect(() => budget.spend(1000)).toThrow('the template takes longer than 50 ms');
    expect(budget.isExhausted).toBe(true);
  });

  it('ends with its steps', () => {
    const budget = new Budget(LIMITS, () => 0);
    budget.spend(10_000);

    expect(() => budget.spend(1)).toThrow('the template takes too many steps');
  });

  it('counts 64 bytes as a step', () => {
    const budget = new Budget({ ...LIMITS, maxSteps: 10 }, () => 0);
    budget.write(640);

    expect(() => budget.write(64)).toThrow('the template takes too many steps');
  });

  it('ends with its bytes', () => {
    const budget = new Budget(LIMITS, () => 0);
    budget.write(1000);

    expect(() => budget.write(1)).toThrow('the template makes more than 1000 bytes');
  });

  it('gives depth back', () => {
    const budget = new Budget(LIMITS, () => 0);

    for (let round = 0; round < 5000; round += 1) {
      budget.enter();
      budget.leave();
    }

    expect(budget.isExhausted).toBe(false);
  });
});
