import type { RandomBytes, Secret } from '#lib/core';
import { openSmall, sealSmall } from '#lib/crypto';
import type { ParsedMail } from '#lib/mail';
import type { RuleOutcome, Verdict } from '#lib/rules';
import type { Circumstances } from './explanation/circumstances.js';

/** Purposes under which content of the record is sealed with the message's data key. */
const SUMMARY_PURPOSE = 'summary';
const TRACE_PURPOSE = 'trace';

/** JSON longer than this loses explanations first: 2,000 conditions times 1,000 recipients do not belong in a row. */
const TRACE_CHARS_MAX = 1 << 20;
const WHY_MAX = 200;
const SUMMARY_CHARS_MAX = 2_000;

/** What a person sees of a message without its content, and all that a DSN returns of it. */
export interface MessageSummary {
  readonly subject: string | null;
  /** Values of the header fields as they were received, decoded. */
  readonly headerFrom: string | null;
  readonly headerTo: string | null;
  readonly date: string | null;
  readonly messageId: string | null;
  /** A rule asked for protection, or may have: then the subject is not for DSNs. */
  readonly isProtectionAsked: boolean;
}

/** The verdict as it is kept: the rules that matched or failed, with evidence, and what explains the others. */
export interface MessageTrace {
  readonly ruleSet: string;
  readonly rules: readonly RuleOutcome[];
  readonly audits: Verdict['audits'];
  /** `null` where they were too large to be kept; absent in what older versions kept. */
  readonly circumstances?: Circumstances | null;
}

export function sealSummary(
  dataKey: Secret<Uint8Array>,
  mail: ParsedMail,
  verdict: Verdict | null,
  random: RandomBytes,
): Uint8Array {
  return sealSmall(dataKey, SUMMARY_PURPOSE, jsonBytes(summaryOf(mail, verdict)), random);
}

/** Error: `ERR_OPEN_FAILED`. */
export function openSummary(dataKey: Secret<Uint8Array>, sealed: Uint8Array): MessageSummary {
  return JSON.parse(openSmall(dataKey, SUMMARY_PURPOSE, sealed).toString()) as MessageSummary;
}

export function sealTrace(
  dataKey: Secret<Uint8Array>,
  verdict: Verdict,
  circumstances: Circumstances | null,
  random: RandomBytes,
): Uint8Array {
  return sealSmall(dataKey, TRACE_PURPOSE, jsonBytes({ ...traceOf(verdict), circumstances }), random);
}

/** Error: `ERR_OPEN_FAILED`. */
export function openTrace(dataKey: Secret<Uint8Array>, sealed: Uint8Array): MessageTrace {
  return JSON.parse(openSmall(dataKey, TRACE_PURPOSE, sealed).toString()) as MessageTrace;
}

function jsonBytes(content: MessageSummary | MessageTrace): Buffer {
  return Buffer.from(JSON.stringify(content));
}

function summaryOf(mail: ParsedMail, verdict: Verdict | null): MessageSummary {
  const header = (name: string): string | null => {
    const field = mail.headers.find((one) => one.name.toLowerCase() === name);
    return field === undefined ? null : field.value.slice(0, SUMMARY_CHARS_MAX);
  };
  return {
    subject: mail.subject?.slice(0, SUMMARY_CHARS_MAX) ?? null,
    headerFrom: header('from'),
    headerTo: header('to'),
    date: header('date'),
    messageId: header('message-id'),
    isProtectionAsked: mayBeProtected(mail, verdict),
  };
}

/** What no rule judged, and what a rule that failed would have asked for, is unknown. So is what came encrypted. */
function mayBeProtected(mail: ParsedMail, verdict: Verdict | null): boolean {
  if (verdict === null || mail.types.includes('encrypted')) return true;
  const isAsked = verdict.branches.some((branch) => branch.protection !== null || branch.ending.type === 'hold');
  return isAsked || verdict.rules.some((rule) => rule.outcome === 'failed');
}

function traceOf(verdict: Verdict): MessageTrace {
  const { ruleSet, audits } = verdict;
  const rules = verdict.rules.filter((rule) => rule.outcome === 'matched' || rule.outcome === 'failed');
  for (const whyMax of [Number.POSITIVE_INFINITY, WHY_MAX, 0]) {
    const trace = { ruleSet, audits, rules: rules.map((rule) => ({ ...rule, why: rule.why.slice(0, whyMax) })) };
    if (JSON.stringify(trace).length <= TRACE_CHARS_MAX) return trace;
  }
  return { ruleSet, audits: [], rules: rules.map((rule) => ({ ...rule, why: [], recipients: [] })) };
}
