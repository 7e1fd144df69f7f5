/** A letter, mark, digit or `_`: what may not stand next to a whole word. */
const WORD_CHARACTER = /[\p{L}\p{M}\p{N}_]/u;
/** Scripts that are written without spaces between words: an edge in one of them, or next to one, needs no boundary. */
const WITHOUT_SPACES =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Yi}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}\p{scx=Javanese}\p{scx=Balinese}\p{scx=Tai_Le}\p{scx=New_Tai_Lue}\p{scx=Tai_Tham}]/u;

/** Each run of white space (Unicode White_Space) as one space, so that a phrase is found across line ends. */
export function collapseSpace(text: string): string {
  return text.replace(/\p{White_Space}{2,}|[\p{White_Space}--[ ]]/gv, ' ');
}

/**
 * Whether `phrase` stands whole in `text`: what surrounds it is not a letter, mark, digit or `_`. A character of a script
 * that is written without spaces parts words where it ends the phrase, and where it stands next to it. Both folded alike and with their white space collapsed, the phrase trimmed and not empty.
 */
export function hasWords(text: string, phrase: string): boolean {
  const isFreeBefore = WITHOUT_SPACES.test(firstOf(phrase));
  const isFreeAfter = WITHOUT_SPACES.test(lastOf(phrase));
  for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
    const end = at + phrase.length;
    if (
      (isFreeBefore || at === 0 || !joinsWords(lastOf(text.slice(Math.max(0, at - 2), at)))) &&
      (isFreeAfter || end === text.length || !joinsWords(firstOf(text.slice(end, end + 2))))
    ) {
      return true;
    }
  }
  return false;
}

function joinsWords(character: string): boolean {
  return WORD_CHARACTER.test(character) && !WITHOUT_SPACES.test(character);
}

function firstOf(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0);
}

function lastOf(text: string): string {
  const low = text.charCodeAt(text.length - 1);
  const high = text.charCodeAt(text.length - 2);
  return (low & 0xfc00) === 0xdc00 && (high & 0xfc00) === 0xd800 ? text.slice(-2) : text.slice(-1);
}
