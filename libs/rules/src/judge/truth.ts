/** A condition is true, false, or in error; an error is its code. Kleene's strong logic: `not` never turns an error into a match. */
export type Truth = boolean | string;

/** False if one is false, else the first error, else true. */
export function allOf(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.find((truth) => typeof truth === 'string') ?? true;
}

/** True if one is true, else the first error, else false. */
export function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true;
  return truths.find((truth) => typeof truth === 'string') ?? false;
}

export function negate(truth: Truth): Truth {
  return typeof truth === 'string' ? truth : !truth;
}
