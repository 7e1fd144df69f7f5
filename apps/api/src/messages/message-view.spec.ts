import type { MessageDetail } from '#lib/adapters';
import { messageView } from './message-view.js';

const SECRET = 'financial records';

const MESSAGE: MessageDetail = {
  id: 'an-id',
  status: 'delivered',
  kind: 'mail',
  mailFrom: 'a@x.example',
  sizeBytes: 10,
  receivedAt: '2026-01-01T00:00:00.000Z',
  source: 'rest',
  ruleSet: 'a-hash',
  recipients: [
    {
      address: 'b@x.example',
      origin: 'envelope',
      state: 'delivered',
      protection: 'smime',
      rules: ['a-rule'],
      code: null,
      delivery: { attempts: 1, lastReply: '250 ok', at: '2026-01-01T00:00:01.000Z' },
    },
  ],
  events: [{ type: 'accepted', at: new Date('2026-01-01T00:00:00Z'), detail: {} }],
  summary: {
    subject: SECRET,
    headerFrom: SECRET,
    headerTo: SECRET,
    date: null,
    messageId: null,
    isProtectionAsked: true,
  },
  trace: {
    rules: [
      {
        id: 'a-rule',
        index: 0,
        name: 'A rule',
        mode: 'enforce',
        outcome: 'matched',
        recipients: [{ address: 'b@x.example', outcome: 'matched' }],
        why: [
          { path: '/conditions/all/0', fact: 'subject', operator: 'containsWords', matched: true, evidence: [SECRET] },
        ],
      },
    ],
  },
  isContentDestroyed: false,
};

describe('messageView', () => {
  it('guarantees that subject and evidence are shown to keys with messages:content alone', () => {
    const hidden = messageView(MESSAGE, false);
    expect(JSON.stringify(hidden)).not.toContain(SECRET);
    expect(hidden).not.toHaveProperty('subject');
    expect(hidden.rules).toMatchObject([
      { outcome: 'matched', why: [{ fact: 'subject', matched: true, evidence: [] }] },
    ]);
    const shown = messageView(MESSAGE, true);
    expect(shown.subject).toBe(SECRET);
    expect(shown.rules[0]?.why[0]?.evidence).toEqual([SECRET]);
  });

  it('has times as text, and nothing where nothing is known yet', () => {
    expect(messageView(MESSAGE, false).events).toEqual([
      { at: '2026-01-01T00:00:00.000Z', type: 'accepted', detail: {} },
    ]);
    const young = messageView({ ...MESSAGE, summary: null, trace: null }, true);
    expect([young.subject, young.rules]).toEqual([null, []]);
  });
});
