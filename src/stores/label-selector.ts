import type { Fields } from '../fields.ts';

export type Labels = Readonly<Record<string, string>>;

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

/** Reads a Kubernetes LabelSelector. An empty one selects everything, one with a mistake nothing. */
export function readLabelSelector(selector: Fields): (labels: Labels) => boolean {
  const mistakesBefore = selector.problems.length;
  const wanted = Object.entries(selector.textMap('matchLabels'));
  const expressions = selector.list('matchExpressions').map(readExpression);
  if (selector.problems.length > mistakesBefore) return () => false;

  return (labels) => {
    return (
      wanted.every(([key, value]) => labelOf(labels, key) === value) && expressions.every((matches) => matches(labels))
    );
  };
}

function readExpression(expression: Fields): (labels: Labels) => boolean {
  const key = expression.text('key', { example: 'team' });
  if (!expression.has('operator')) expression.problem('operator', `is required: one of ${OPERATORS.join(', ')}`);
  const operator = expression.oneOf('operator', OPERATORS, 'In');
  const values = expression.texts('values');
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (takesValues !== values.length > 0) {
    expression.problem('values', takesValues ? `must not be empty with ${operator}` : `must be empty with ${operator}`);
  }

  switch (operator) {
    case 'In':
      return (labels) => values.includes(labelOf(labels, key) ?? NO_LABEL);
    case 'NotIn': // also what has no such label
      return (labels) => !values.includes(labelOf(labels, key) ?? NO_LABEL);
    case 'Exists':
      return (labels) => labelOf(labels, key) !== undefined;
    case 'DoesNotExist':
      return (labels) => labelOf(labels, key) === undefined;
  }
}

/** No label has this value. */
const NO_LABEL = '\0';

/** Inherited names such as `constructor` are no labels. */
function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
