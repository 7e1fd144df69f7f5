import { RULE_SET, ruleOutcomeExample } from '../rules/evaluate-example.js';

const ID = '0199f3c4-1b22-7f0e-9a6b-3c5d7e9f1a2b';
const ADDRESS = 'ann@customer.example';

export const acceptedExample = { id: ID };

const base = {
  id: ID,
  status: 'delivered',
  kind: 'mail',
  mailFrom: 'dr.ames@clinic.example',
  sizeBytes: 1234,
  receivedAt: '2026-11-24T09:05:00.000Z',
  source: 'smtp',
  ruleSet: RULE_SET,
};

export const messageListExample = {
  items: [{ ...base, recipientCount: 1, recipients: [{ address: ADDRESS, state: 'delivered', code: null }] }],
  nextCursor: null,
};

export const messageExample = {
  ...base,
  subject: 'Q3',
  isContentDestroyed: false,
  recipients: [
    {
      address: ADDRESS,
      origin: 'envelope',
      state: 'delivered',
      protection: 'smime',
      rules: [ruleOutcomeExample.id],
      code: null,
      delivery: { attempts: 1, lastReply: '250 2.0.0 ok', at: '2026-11-24T09:05:01.000Z' },
    },
  ],
  rules: [ruleOutcomeExample],
  events: [{ at: '2026-11-24T09:05:00.000Z', type: 'accepted', detail: {} }],
};

export const actedExample = { id: ID, recipients: [ADDRESS] };

export const explanationExample = {
  id: ID,
  state: 'judged',
  reason: null,
  judgedAt: '2026-11-24T09:05:00.400Z',
  ruleSet: RULE_SET,
  judgeVersion: 1,
  currentJudgeVersion: 1,
  isContentKept: true,
  unexplained: null,
  isDifferent: false,
  recipients: [ADDRESS],
  earlier: [],
  rules: [
    ruleOutcomeExample,
    {
      id: '0199f3c2-8e2f-7b64-9b5f-6c1d9b2e3f40',
      index: 1,
      name: 'Contracts',
      mode: 'enforce',
      outcome: 'notMatched',
      recipients: [{ address: ADDRESS, outcome: 'notMatched' }],
      why: [{ path: '/conditions/all/0', fact: 'subject', operator: 'containsWords', matched: false, evidence: [] }],
      unmet: ['/conditions/all/0'],
    },
  ],
  nextCursor: null,
};
