import { foldText } from '../text/fold-text.js';

/** What programs write before the subject of a reply or a forwarded message, in any language: `Re:`, `AW[2] :`, `答复：`. */
const REPLY = /^\s*\p{L}{1,5}(?:\s{0,9}\[\d{1,9}\])?\s{0,9}[:：]\s*/u;
const REPLIES_MAX = 10;

/** The subject with a text before it; not twice, nor when it stands there behind `Re:` and the like. */
export function prependSubject(text: string, subject: string): string {
  const tag = foldText(text.trim());
  let rest = foldText(subject.trim());
  for (let replies = 0; replies <= REPLIES_MAX; replies += 1) {
    if (beginsWith(rest, tag)) return subject;
    const reply = REPLY.exec(rest);
    if (reply === null) break;
    rest = rest.slice(reply[0].length);
  }
  return `${text}${subject}`;
}

/** As a whole: a tag that ends in a letter or digit is another one if a further one follows. */
function beginsWith(subject: string, tag: string): boolean {
  if (!subject.startsWith(tag)) return false;
  return !/[\p{L}\p{N}]$/u.test(tag) || !/^[\p{L}\p{N}\p{M}]/u.test(subject.slice(tag.length));
}
