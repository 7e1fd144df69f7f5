import { wholeAddress } from './address-form.js';
import { foldText } from '../text/fold-text.js';

/** What can be asked about a sender and a recipient. Groups in the forms in which they are compared. */
export type Relation =
  | { readonly kind: 'senderManagesRecipient' | 'recipientManagesSender' }
  | { readonly kind: 'sameAttribute'; readonly name: string }
  | { readonly kind: 'between'; readonly groups: readonly [readonly string[], readonly string[]] };

/** Reads `sameAttribute:department`, `between:sales/research` and the like; `undefined` if it is none. */
export function readRelation(written: string): Relation | undefined {
  if (written === 'senderManagesRecipient' || written === 'recipientManagesSender') return { kind: written };
  const [, name] = /^sameAttribute:([^\p{Cc}]{1,100})$/u.exec(written) ?? [];
  if (name !== undefined && name.trim() === name) return { kind: 'sameAttribute', name: name.toLowerCase() };
  const [, one, other] = /^between:([^/\p{Cc}]{1,300})\/([^/\p{Cc}]{1,300})$/u.exec(written) ?? [];
  if (one === undefined || other === undefined || one.trim() === '' || other.trim() === '') return undefined;
  return { kind: 'between', groups: [groupForms(one), groupForms(other)] };
}

/** A group by its name or its address, as groups of people are compared with it. */
export function groupForms(group: string): readonly string[] {
  return [...new Set([foldText(group.trim()), wholeAddress(group.trim())])];
}
