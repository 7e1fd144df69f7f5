/** A letter, mark, digit or `_`: what may not stand next to a whole word. */
export const WORD_CHARACTER = /[\p{L}\p{M}\p{N}_]/u;
/** Scripts that are written without spaces between words: an edge in one of them, or next to one, needs no boundary. */
export const WITHOUT_SPACES =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Yi}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}\p{scx=Javanese}\p{scx=Balinese}\p{scx=Tai_Le}\p{scx=New_Tai_Lue}\p{scx=Tai_Tham}]/u;
/** Korean has spaces, but its particles stand right behind words of other scripts. */
export const HANGUL = /\p{Script=Hangul}/u;

/** Each run of white space (Unicode White_Space) as one space, so that a phrase is found across line ends. */
export function collapseSpace(text: string): string {
  return text.replace(/\p{White_Space}{2,}|[\p{White_Space}--[ ]]/gv, ' ');
}

/**
 * Whether `phrase` stands whole in `text`: what surrounds it is not a letter, mark, digit or `_`. A character of a script
 * that is written without spaces parts words where it ends the phrase, and where it stands next to it; Hangul and letters
 * or digits of another script part each other. Both folded alike, with their white space collapsed if the phrase has any,
 * the phrase trimmed and not empty; it does not begin before `start`.
 */
export function hasWords(text: string, phrase: string, start = 0): boolean {
  const joinsBefore = joinsAt(firstOf(phrase));
  const joinsAfter = joinsAt(lastOf(phrase));
  for (let at = text.indexOf(phrase, start); at >= 0; at = text.indexOf(phrase, at + 1)) {
    const end = at + phrase.length;
    if (
      (at === 0 || !joinsBefore(lastOf(text.slice(Math.max(0, at - 2), at)))) &&
      (end === text.length || !joinsAfter(firstOf(text.slice(end, end + 2))))
    ) {
      return true;
    }
  }
  return false;
}

/** Whether a character next to this edge of a phrase makes a longer word of it. */
function joinsAt(edge: string): (neighbour: string) => boolean {
  if (WITHOUT_SPACES.test(edge)) return () => false;
  const isHangul = HANGUL.test(edge);
  return (neighbour) =>
    WORD_CHARACTER.test(neighbour) &&
    !WITHOUT_SPACES.test(neighbour) &&
    (HANGUL.test(neighbour) === isHangul || /[\p{M}_]/u.test(neighbour));
}

function firstOf(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0);
}

function lastOf(text: string): string {
  const low = text.charCodeAt(text.length - 1);
  const high = text.charCodeAt(text.length - 2);
  return (low & 0xfc00) === 0xdc00 && (high & 0xfc00) === 0xd800 ? text.slice(-2) : text.slice(-1);
}
