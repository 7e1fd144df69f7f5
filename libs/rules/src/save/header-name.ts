import type { RuleProblemCode } from './problems.js';

const NAME = /^[!-9;-~]{1,76}$/;

/** Fields that hold a message together or tell its way: written by its programs and by us, never by rules. */
const PROTECTED = [
  'from',
  'sender',
  'to',
  'cc',
  'bcc',
  'date',
  'message-id',
  'received',
  'return-path',
  'mime-version',
  'delivered-to',
];
const PROTECTED_FAMILIES = ['content-', 'resent-', 'x-sealflow-'];
/** What others vouch for: a rule may take it out, never write it. */
const VOUCHED = ['dkim-signature', 'domainkey-signature', 'authentication-results', 'received-spf', 'arc-'];

/** Why a rule may not set or remove a header field of this name, `undefined` if it may. */
export function headerNameProblem(
  name: unknown,
  use: 'set' | 'remove',
): { readonly code: RuleProblemCode; readonly message: string } | undefined {
  if (name === undefined) return { code: 'ERR_PROPERTY_MISSING', message: 'the "name" of a header field is needed' };
  if (typeof name !== 'string' || !NAME.test(name)) {
    return { code: 'ERR_VALUE_INVALID', message: 'the name of a header field, without its colon' };
  }
  const lower = name.toLowerCase();
  const refuse = (message: string) => ({ code: 'ERR_HEADER_PROTECTED', message }) as const;
  if (lower === 'subject') return refuse('use prependSubject or replaceSubject; rules cannot take a subject away');
  if (['to', 'cc', 'bcc'].includes(lower)) return refuse('use addRecipient, bcc or redirect');
  if (PROTECTED.includes(lower) || PROTECTED_FAMILIES.some((family) => lower.startsWith(family))) {
    return refuse('this field holds the message together or tells its way; rules cannot change it');
  }
  if (use === 'set' && VOUCHED.some((one) => (one.endsWith('-') ? lower.startsWith(one) : lower === one))) {
    return refuse('only the server that checked or signed may write this field; a rule can remove it');
  }
  return undefined;
}
