/** Who a client is to us. */
export interface Peer {
  /** Its address lies in `SEALFLOW_TRUSTED_NETWORKS`. */
  readonly isTrustedNetwork: boolean;
  /** The API key, of scope `messages:send`, that it has authenticated with. */
  readonly apiKey: { readonly id: string; readonly organizationId: string } | null;
}

/**
 * What a client may do with the MAIL FROM it gave. `own`: it speaks for the organization, to anyone. `foreign`: mail that
 * comes in through a server of the organization's, to its domains only.
 */
export type Sender =
  | { readonly kind: 'own'; readonly organizationId: string; readonly apiKeyId: string | null }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'refused' };

/** `organizationId`: whose domain MAIL FROM is of; `undefined` for nobody's, and for the null sender. */
export function decideSender(peer: Peer, organizationId: string | undefined): Sender {
  const { apiKey, isTrustedNetwork } = peer;
  if (organizationId !== undefined && apiKey?.organizationId === organizationId) {
    return { kind: 'own', organizationId, apiKeyId: apiKey.id };
  }
  if (!isTrustedNetwork) return { kind: 'refused' };
  return organizationId === undefined ? { kind: 'foreign' } : { kind: 'own', organizationId, apiKeyId: null };
}

/** `another`: one transaction is of one organization; the client is to send again. */
export type RecipientDecision =
  | { readonly kind: 'accepted'; readonly organizationId: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'another' };

/**
 * `organizationId`: whose domain the recipient's is. `takenFor`: the organization of the recipients so far, if there
 * are any.
 */
export function decideRecipient(
  sender: Sender,
  organizationId: string | undefined,
  takenFor: string | undefined,
): RecipientDecision {
  if (sender.kind === 'own') return { kind: 'accepted', organizationId: sender.organizationId };
  if (sender.kind === 'refused' || organizationId === undefined) return { kind: 'refused' };
  if (takenFor !== undefined && takenFor !== organizationId) return { kind: 'another' };
  return { kind: 'accepted', organizationId };
}
