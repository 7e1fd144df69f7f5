import { deriveId } from '#lib/core';
import {
  composeAuditNotice,
  composeDsn,
  composeNotice,
  type DsnRecipient,
  type DsnType,
  type ReturnedHeader,
} from '#lib/mail';
import { acceptNotice } from './accept.js';
import { GIVE_UP_AFTER_MS } from './backoff.js';
import { releaseRun } from './end-run.js';
import { flowErrorText, lastingCode } from './errors.js';
import { codeOf, reportTrouble, type FlowPorts, type RunOutcome } from './flow-ports.js';
import { openSummary, type MessageSummary } from './message-content.js';
import type { ClaimedNotify } from './ports.js';
import { maySenderKnow } from './telling.js';

/** More recipients than this are not named one by one in a notice. */
const NAMED_MAX = 50;

/**
 * The notify queue: writes the DSN (RFC 3464) or the notice that was asked for and accepts it like any message, under an
 * id derived from the request, in one transaction with the end of the request: told once, whenever it is done again.
 * A DSN returns Message-ID, Date, From and To; the Subject only if nothing asked for protection; never content.
 */
export async function notifyMessage(ports: FlowPorts, claimed: ClaimedNotify): Promise<RunOutcome> {
  const { id, message } = claimed;
  const { organizationId, queue, claim, tries } = message;
  try {
    const bytes = await bytesOf(ports, claimed);
    await acceptNotice(ports, {
      id: noticeIdOf(claimed),
      organizationId,
      rcptTo: receiverOf(claimed),
      bytes,
      closesNotify: id,
    });
    return { kind: 'closed', outcomes: {} };
  } catch (error) {
    reportTrouble(ports, message, error);
    return await releaseRun(ports, { organizationId, id, queue, claim, tries }, codeOf(error));
  }
}

async function bytesOf(ports: FlowPorts, claimed: ClaimedNotify): Promise<Uint8Array> {
  const { type } = claimed.request;
  switch (type) {
    case 'held':
      return noticeOf(ports, claimed);
    case 'audited':
      return await auditNoticeOf(ports, claimed);
    case 'failure':
    case 'delay':
    case 'success':
      return dsnOf(ports, claimed, type, await summaryOf(ports, claimed));
  }
}

function noticeIdOf({ id }: ClaimedNotify): string {
  return deriveId(id, 'notice');
}

/** The sender, if it may hear of all of these recipients; else the postmaster. */
function receiverOf({ message, request, postmaster }: ClaimedNotify): string {
  if (request.type === 'held' || request.type === 'audited' || !maySenderKnow(message)) return postmaster;
  const own = new Set(message.recipients.filter(({ origin }) => origin === 'envelope').map(({ address }) => address));
  return request.recipients.every((address) => own.has(address)) ? message.envelope.mailFrom : postmaster;
}

/** What all of our own messages have in common. */
function ownOf(ports: FlowPorts, claimed: ClaimedNotify): { messageId: string; date: Date; from: string; to: string } {
  return {
    messageId: `<${noticeIdOf(claimed)}@${ports.hostName}>`,
    date: ports.clock.now(),
    from: claimed.postmaster,
    to: receiverOf(claimed),
  };
}

function dsnOf(ports: FlowPorts, claimed: ClaimedNotify, type: DsnType, summary: MessageSummary | null): Uint8Array {
  const { message, request } = claimed;
  return composeDsn({
    ...ownOf(ports, claimed),
    type,
    reportingMta: ports.hostName,
    envid: message.envelope.envid,
    arrivedAt: new Date(message.receivedAt),
    recipients: request.recipients.map((address, index) => dsnRecipientOf(claimed, address, index)),
    original: returnedOf(summary, claimed.isProtected),
  });
}

function dsnRecipientOf({ message, request }: ClaimedNotify, address: string, index: number): DsnRecipient {
  const record = message.recipients.find((one) => one.address === address);
  const { code: status, reply } = request.status[index] ?? { code: '5.0.0', reply: '' };
  const firstAttemptAt = record?.firstAttemptAt ?? null;
  return {
    address,
    orcpt: record?.orcpt ?? null,
    status,
    reply,
    ...(firstAttemptAt === null ? {} : { retryUntil: new Date(Date.parse(firstAttemptAt) + GIVE_UP_AFTER_MS) }),
  };
}

function returnedOf(summary: MessageSummary | null, isProtected: boolean): ReturnedHeader {
  if (summary === null) return { messageId: null, date: null, from: null, to: null, subject: null };
  const { messageId, date, headerFrom: from, headerTo: to, subject, isProtectionAsked } = summary;
  return { messageId, date, from, to, subject: isProtected || isProtectionAsked ? null : subject };
}

/** `null` as well if the content, and the key with it, has gone meanwhile. */
async function summaryOf(ports: FlowPorts, { message, sealedSummary }: ClaimedNotify): Promise<MessageSummary | null> {
  if (sealedSummary === null) return null;
  try {
    const dataKey = await ports.kms.openDataKey(message.organizationId, message.wrappedKey);
    return openSummary(dataKey, sealedSummary);
  } catch (error) {
    if (lastingCode(error) === undefined) throw error;
    return null;
  }
}

function noticeOf(ports: FlowPorts, claimed: ClaimedNotify): Uint8Array {
  const { message, request } = claimed;
  const held = request.recipients.map((address, index) => {
    const code = request.status[index]?.code ?? '';
    return { address, code, advice: adviceFor(code) };
  });
  const codes = [...new Set(held.map(({ code }) => code))];
  return composeNotice({
    ...ownOf(ports, claimed),
    heldId: message.id,
    held: held.length > NAMED_MAX ? codes.map((code) => ({ address: null, code, advice: adviceFor(code) })) : held,
    link: null,
  });
}

async function auditNoticeOf(ports: FlowPorts, claimed: ClaimedNotify): Promise<Uint8Array> {
  const { message, request } = claimed;
  const ruleId = request.status[0]?.code ?? '';
  const { rules } = await ports.ruleSets.load(message.organizationId, message.ruleSet);
  const ruleName = rules.find(({ id }) => id === ruleId)?.name ?? ruleId;
  return composeAuditNotice({
    ...ownOf(ports, claimed),
    auditedId: message.id,
    ruleName,
    recipients: request.recipients.slice(0, NAMED_MAX),
  });
}

function adviceFor(code: string): string {
  if (code === 'ERR_KEY_MISSING') {
    return 'No usable key of this recipient is known. Import a certificate for the address, and the copy goes by itself.';
  }
  return flowErrorText(code) ?? 'What this means and what to check stands under this code in docs/errors.md.';
}
