import { normalizeAddress, normalizeDomain } from '#lib/core';
import { wholeAddress, wholeDomain } from '../language/address-form.js';
import { collapseSpace } from '../text/find-words.js';
import { foldText } from '../text/fold-text.js';
import { visibleText } from '../text/visible-text.js';
import type { ListType } from '../types.js';
import { HASH_DIGITS } from './list-key.js';

const WORDS_MAX = 8;
const WORDS_CHARS_MAX = 200;
/** Longer lines are none of ours. */
const LINE_CHARS_MAX = 1_000;

export type ReadEntry = { readonly entry: string } | { readonly problem: string };

/**
 * An entry as it was written, in the form in which operators compare it: addresses and domains in their normal form, words
 * folded, without characters that nobody sees and each run of white space as one space, hashes in lower case. White space
 * around it does not count. Or what is wrong with it, to go on from "The entry".
 */
export function readEntry(type: ListType, written: string): ReadEntry {
  const text = written.trim();
  if (text === '') return { problem: 'is empty' };
  if (text.length > LINE_CHARS_MAX) return { problem: `has more than ${LINE_CHARS_MAX} characters` };
  if (/\p{Cc}/u.test(text)) return { problem: 'has control characters' };
  // U+FFFD stands where somebody's program could not read what was there.
  if (!text.isWellFormed() || text.includes('\ufffd')) return { problem: 'is not whole text' };
  switch (type) {
    case 'addresses':
      return normalizeAddress(text) === undefined
        ? { problem: 'is not a mail address' }
        : { entry: wholeAddress(text) };
    case 'domains':
      return normalizeDomain(text) === undefined ? { problem: 'is not a domain' } : { entry: wholeDomain(text) };
    case 'words':
      return readWords(text);
    case 'hashes': {
      const entry = text.toLowerCase();
      const isHash = HASH_DIGITS.includes(entry.length) && /^[0-9a-f]+$/.test(entry);
      return isHash ? { entry } : { problem: 'is not a hash: hex of MD5, SHA-1, SHA-256, SHA-384 or SHA-512' };
    }
  }
}

function readWords(text: string): ReadEntry {
  const entry = collapseSpace(foldText(visibleText(text))).trim();
  if (entry === '') return { problem: 'has nothing that can be seen' };
  if (entry.length > WORDS_CHARS_MAX) return { problem: `has more than ${WORDS_CHARS_MAX} characters` };
  return entry.split(' ').length > WORDS_MAX ? { problem: `has more than ${WORDS_MAX} words` } : { entry };
}
