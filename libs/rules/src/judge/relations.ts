import { readRelation } from '../language/relation.js';
import { foldText } from '../text/fold-text.js';
import type { DirectoryEntry, FactError } from '../types.js';
import { attributeOf, isError, type Entry } from './directory-facts.js';

/** Somebody with what the directory says of them. */
export interface Somebody {
  readonly address: string | undefined;
  readonly entry: Entry;
}

interface Known {
  readonly address: string | undefined;
  readonly entry: DirectoryEntry | null;
}

/**
 * Those of the relations asked for that are between one of the senders and a recipient; in error if what one of them is
 * could not be had.
 */
export function relationsOf(
  asked: readonly string[],
  senders: readonly Somebody[],
  recipient: Somebody,
): readonly string[] | FactError {
  const known: Known[] = [];
  for (const { address, entry } of [recipient, ...senders]) {
    if (isError(entry)) return entry;
    known.push({ address, entry });
  }
  const [to, ...from] = known;
  return to === undefined ? [] : asked.filter((relation) => from.some((one) => isBetween(relation, one, to)));
}

function isBetween(written: string, from: Known, to: Known): boolean {
  const relation = readRelation(written);
  switch (relation?.kind) {
    case 'senderManagesRecipient':
      return manages(from, to);
    case 'recipientManagesSender':
      return manages(to, from);
    case 'sameAttribute': {
      const values = new Set(attributeOf(to.entry, relation.name).map(foldText));
      return attributeOf(from.entry, relation.name).some((value) => values.has(foldText(value)));
    }
    case 'between': {
      const [one, other] = relation.groups;
      return (isIn(from, one) && isIn(to, other)) || (isIn(from, other) && isIn(to, one));
    }
    case undefined:
      return false;
  }
}

/** By any address that the manager is known by here: the one that the message has, or the directory's own. */
function manages(manager: Known, { entry }: Known): boolean {
  const named = entry?.manager ?? undefined;
  return (
    named !== undefined &&
    [manager.address, manager.entry?.address].some((one) => one?.toLowerCase() === named.toLowerCase())
  );
}

function isIn({ entry }: Known, forms: readonly string[]): boolean {
  return entry?.groups.some((group) => forms.includes(foldText(group))) === true;
}
