const ADDRESS = 'ann@customer.example';

export const messageTextExample =
  'From: dr.ames@clinic.example\r\nTo: ann@customer.example\r\nSubject: Q3\r\n\r\nfinancial records\r\n';

export const evaluateExample = {
  raw: 'RnJvbTogZHIuYW1lc0BjbGluaWMuZXhhbXBsZQpTdWJqZWN0OiBRMwoKZmluYW5jaWFsIHJlY29yZHMK',
  mailFrom: 'dr.ames@clinic.example',
  rcptTo: [ADDRESS],
};

export const ruleOutcomeExample = {
  id: '0199f3c2-7d1e-7a53-8a4e-5b0c8a1d2e3f',
  index: 0,
  name: 'Financial records to outsiders',
  mode: 'enforce',
  outcome: 'matched',
  recipients: [{ address: ADDRESS, outcome: 'matched' }],
  why: [
    {
      path: '/conditions/all/0',
      fact: 'subjectOrBody',
      operator: 'containsWords',
      matched: true,
      evidence: ['financial records'],
    },
    {
      path: '/conditions/all/1',
      fact: 'recipient.scope',
      operator: 'equal',
      matched: true,
      recipient: ADDRESS,
      evidence: ['external'],
    },
  ],
};

export const RULE_SET = '6f1ed002ab5595859014ebf0951522d9a1b2c3d4e5f60718293a4b5c6d7e8f90';

export const dryRunExample = {
  ruleSet: RULE_SET,
  recipients: [{ address: ADDRESS, rules: [ruleOutcomeExample.id], protection: 'smime', wouldHold: null }],
  rules: [ruleOutcomeExample],
  groups: [
    { recipients: [ADDRESS], protection: 'smime', actions: [{ type: 'encrypt', method: 'smime' }], subject: 'Q3' },
  ],
};
