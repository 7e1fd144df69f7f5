import type { MailWants } from '#lib/mail';
import { factsRead, type RuleSetContent } from '#lib/rules';

/** Facts for which attachments are looked into. */
const OF_CONTENTS = [
  'attachment.names',
  'attachment.extensions',
  'attachment.types',
  'attachment.isExecutable',
  'attachment.isPasswordProtected',
  'attachment.isUnscannable',
  'attachment.limitExceeded',
  'attachment.hashes',
];

/** What is to be read of messages for the rules of a set: the rest, which takes time or memory, is left alone. */
export function mailWants(content: RuleSetContent): MailWants {
  const facts = factsRead(content);
  return {
    contents: OF_CONTENTS.some((fact) => facts.has(fact)),
    hashes: facts.has('attachment.hashes'),
    links: facts.has('link.domains') || facts.has('link.count'),
  };
}
