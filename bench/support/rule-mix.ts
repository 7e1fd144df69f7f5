import type { Condition, Rule } from '#lib/rules';

/** How many rules of a mix match every message from a stranger to a stranger. */
export const MATCHING = 5;

const OUTSIDE: Condition = { fact: 'recipient.scope', operator: 'equal', value: 'external' };
const SYLLABLES = 'con tra men ver sig inter pro lect ation ing per form a re de ment ity ser vi com pa ny un ex'.split(
  ' ',
);

/** The word of a number: different for different numbers, and beginning like words of English. */
function wordOf(n: number): string {
  let word = '';
  for (let rest = n + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
    word += SYLLABLES[rest % SYLLABLES.length] ?? '';
  }
  return `${word}${(n % 7).toString()}`;
}

/**
 * Rules as an organization has them, the same for the same count: one in ten with a pattern, one in twenty that looks at
 * scope and size only, the others at words of subject and body, senders, recipients and header fields. Five match, spread
 * evenly.
 */
export function ruleMix(count: number): readonly Rule[] {
  const every = Math.max(1, Math.floor(count / MATCHING));
  return Array.from({ length: count }, (_, n) => {
    const isMatching = n % every === Math.floor(every / 2) && n < every * MATCHING;
    // The same two of the five write, whatever the count.
    const isWriting = isMatching ? Math.floor(n / every) % 2 === 1 : n % 2 === 1;
    return ruleOf(n, isMatching ? matching(n) : missing(n), isWriting);
  });
}

function matching(n: number): Condition {
  return { all: [{ fact: 'message.sizeBytes', operator: 'greaterThan', value: 100 + (n % 100) }, OUTSIDE] };
}

function missing(n: number): Condition {
  const word = wordOf(n);
  if (n % 20 === 3) {
    return { all: [OUTSIDE, { fact: 'message.sizeBytes', operator: 'greaterThan', value: 20_000_000 + n }] };
  }
  if (n % 10 === 5)
    return { all: [{ fact: 'subjectOrBody', operator: 'matches', value: `\\b${word}[ -]?\\d{4}\\b` }, OUTSIDE] };
  switch (n % 5) {
    case 0:
      return { all: [{ fact: 'sender.domain', operator: 'underDomain', value: `${word}.example` }, OUTSIDE] };
    case 1:
      return { all: [{ fact: 'recipient.address', operator: 'in', value: [`${word}@customer.example`] }, OUTSIDE] };
    case 2:
      return {
        all: [{ fact: 'header', operator: 'containsText', value: word, params: { name: 'X-Project' } }, OUTSIDE],
      };
    default:
      return { all: [{ fact: 'subjectOrBody', operator: 'containsWords', value: [word, `${word} plan`] }, OUTSIDE] };
  }
}

function ruleOf(n: number, conditions: Condition, isWriting: boolean): Rule {
  return {
    id: `r${n}`,
    version: 1,
    name: `Rule ${n}`,
    description: '',
    enabled: true,
    mode: 'enforce',
    priority: n,
    conditions,
    exceptions: n % 3 === 0 ? { fact: 'subject', operator: 'containsWords', value: 'public' } : null,
    actions: [isWriting ? { type: 'setHeader', name: `X-Rule-${n}`, value: '1' } : { type: 'audit', severity: 'low' }],
    appliesTo: 'matchingRecipients',
    stopProcessing: false,
    onError: 'hold',
    activateAt: null,
    expireAt: null,
  };
}
