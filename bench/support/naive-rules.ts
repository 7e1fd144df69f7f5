import { Engine, type TopLevelCondition } from 'json-rules-engine';
import type { FactRecord, Rule } from '#lib/rules';

/**
 * json-rules-engine as its manual says: one engine for each message, every rule given to it, operators that look into the
 * texts. Knows what {@link ruleMix} makes, errors and exceptions left out.
 */
export async function askNaively(rules: readonly Rule[], record: FactRecord): Promise<number> {
  const engine = new Engine([], { allowUndefinedFacts: true });
  const lower = (text: unknown): string => (typeof text === 'string' ? text.toLowerCase() : '');
  const some = (fact: unknown, test: (text: string) => boolean): boolean =>
    [fact].flat().some((one) => test(lower(one)));
  engine.addOperator('containsWords', (fact: unknown, words: string[]) =>
    some(fact, (text) => words.some((word) => new RegExp(`\\b${word}\\b`).test(text))),
  );
  engine.addOperator('containsText', (fact: unknown, part: string) => some(fact, (text) => text.includes(part)));
  engine.addOperator('matches', (fact: unknown, pattern: string) =>
    some(fact, (text) => new RegExp(pattern).test(text)),
  );
  engine.addOperator('underDomain', (fact: unknown, parent: string) =>
    some(fact, (domain) => domain === parent || domain.endsWith(`.${parent}`)),
  );
  for (const { name, conditions } of rules) {
    engine.addRule({ name, conditions: conditions as TopLevelCondition, event: { type: name } });
  }
  const { results } = await engine.run(factsOf(record));
  return results.length;
}

function factsOf({ message, headers, headerFrom, recipients }: FactRecord): Record<string, unknown> {
  return {
    ...message,
    subjectOrBody: [message['subject'], message['body']].flat(),
    header: headers['x-project'] ?? [],
    'sender.domain': headerFrom.map(({ domain }) => domain),
    'recipient.address': recipients[0]?.address,
    'recipient.scope': 'external',
  };
}
