import { foldText } from '../text/fold-text.js';

/** What programs write before the subject of a reply or a forwarded message, in many languages. */
const REPLY =
  /^(?:\s*(?:re|r|fw|fwd|aw|antw|wg|wtr|tr|rv|res|enc|sv|vs|vb|vl|ynt|odp|pd|i|ref)(?:\[\d+\])?\s*[:：])+\s*/iu;

/** The subject with a text before it; not twice, nor when it stands there behind `Re:` and the like. */
export function prependSubject(text: string, subject: string): string {
  const tag = foldText(text.trim());
  const folded = foldText(subject.trim());
  if (folded.startsWith(tag) || folded.replace(REPLY, '').startsWith(tag)) return subject;
  return `${text}${subject}`;
}
