/** Characters that nobody sees: turns of direction, joiners and spaces of no width, soft hyphens, control characters. */
const HIDDEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]+/gu;

/** A text as people read it: without the characters that nobody sees. The same text where it has none. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, '');
}
