import type { MessageDetail } from '#lib/adapters';
import type { MessageDto } from './message.dto.js';
import type { Plain } from '../http/plain.js';

/** A message as REST shows it. What tells content (subject, evidence) only where `mayRead`. */
export function messageView(message: MessageDetail, mayRead: boolean): Plain<MessageDto> {
  const { summary, trace, recipients, events, ...base } = message;
  return {
    id: base.id,
    status: base.status,
    kind: base.kind,
    mailFrom: base.mailFrom,
    sizeBytes: base.sizeBytes,
    receivedAt: base.receivedAt,
    source: base.source,
    ruleSet: base.ruleSet,
    ...(mayRead ? { subject: summary?.subject ?? null } : {}),
    isContentDestroyed: base.isContentDestroyed,
    recipients: recipients.map((one) => ({ ...one, rules: [...one.rules] })),
    rules: rulesOf(trace, mayRead),
    events: events.map(({ at, type, detail }) => ({ at: at.toISOString(), type, detail })),
  };
}

function rulesOf(trace: MessageDetail['trace'], mayRead: boolean): Plain<MessageDto>['rules'] {
  return (trace?.rules ?? []).map((rule) => {
    const { overruled, unmet, ...rest } = rule;
    return {
      ...rest,
      recipients: rule.recipients.map((one) => ({ ...one })),
      why: rule.why.map((one) => ({ ...one, evidence: mayRead ? [...one.evidence] : [] })),
      ...(unmet === undefined ? {} : { unmet: [...unmet] }),
      ...(overruled === undefined ? {} : { overruled: [...overruled] }),
    };
  });
}
