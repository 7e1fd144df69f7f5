const INPUT = {
  name: 'Financial records to outsiders',
  conditions: {
    all: [
      { fact: 'subjectOrBody', operator: 'containsWords', value: ['financial records'] },
      { fact: 'recipient.scope', operator: 'equal', value: 'external' },
    ],
  },
  exceptions: { any: [{ fact: 'subject', operator: 'containsWords', value: ['public'] }] },
  actions: [{ type: 'encrypt', method: 'auto' }],
};

/** Examples of the OpenAPI file, as docs and tests use them. */
export const ruleInputExample = INPUT;

export const ruleExample = {
  id: '0199f3c2-7d1e-7a53-8a4e-5b0c8a1d2e3f',
  version: 1,
  name: INPUT.name,
  description: '',
  enabled: true,
  mode: 'enforce',
  priority: 0,
  conditions: INPUT.conditions,
  exceptions: INPUT.exceptions,
  actions: [{ type: 'encrypt', method: 'auto', template: 'encrypt-only', onMissingKey: 'hold', subject: 'keep' }],
  appliesTo: 'matchingRecipients',
  stopProcessing: false,
  onError: 'hold',
  activateAt: null,
  expireAt: null,
  createdAt: '2026-11-24T09:00:00.000Z',
  updatedAt: '2026-11-24T09:00:00.000Z',
};

export const ruleListExample = { items: [ruleExample], nextCursor: null };
