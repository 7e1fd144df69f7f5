/**
 * Which judge a verdict is of. To be raised by one whenever the same message, circumstances and rule set come to another
 * verdict than with the version that was released last: by what a fact holds, what an operator or an action means, how rules
 * are folded. Explanations of older verdicts name both versions where the two differ. `judge-version.spec.ts` of libs/flow
 * notices.
 */
export const JUDGE_VERSION = 1;
